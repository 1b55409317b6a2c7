"""Words of the site itself that Sphinx and its theme do not translate."""

FURNITURE = {
    "Previous": "上一页",
    "Next": "下一页",
    "Home": "首页",
    "Contents": "目录",
    "On this page": "本页内容",
    "Back to top": "回到顶部",
    "Skip to content": "跳到正文",
    "Made with": "使用",
    "Search": "搜索",
    "Toggle site navigation sidebar": "打开或收起导航栏",
    "Toggle table of contents sidebar": "打开或收起本页目录",
    "Toggle Light / Dark / Auto color theme": "切换浅色、深色、自动配色",
    "Hide navigation sidebar": "收起导航栏",
    "Hide table of contents sidebar": "收起本页目录",
}
"""The theme's own words in Chinese, which it does not bring."""

GUESS = {"en": "Guess first, then open", "zh": "先猜，再打开"}
CLOSE = {"en": "Close", "zh": "收起"}
TITLE = {"en": "tinygrad_dnn · the chain rule", "zh": "tinygrad_dnn · 链式法则"}
