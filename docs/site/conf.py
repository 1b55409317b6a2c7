"""The site, in English or (with ``-t zh``) in Chinese: lessons that are executed, formulas as MathML, no request."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

from words import CLOSE, GUESS, TITLE  # noqa: E402 (found by the line above)

CODE = "zh" if tags.has("zh") else "en"  # type: ignore[name-defined]  # noqa: F821 (Sphinx provides it)

project = "tinygrad_dnn"
author = "the authors of tinygrad_dnn"
language = {"en": "en", "zh": "zh_CN"}[CODE]
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "mathml", "teaching"]

myst_enable_extensions = ["dollarmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3

nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "out" / "site-work" / f"cells-{CODE}")  # the two languages are built side by side
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_code_prompt_show = GUESS[CODE]
nb_code_prompt_hide = CLOSE[CODE]

html_theme = "furo"
html_title = TITLE[CODE]
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
templates_path = [str(HERE / "templates")]
html_show_search_summary = False  # the search page would ask for other pages
html_copy_source = html_show_sourcelink = html_show_sphinx = html_show_copyright = False
html_theme_options = {"top_of_page_buttons": []}

autodoc_typehints = "none"
autodoc_preserve_defaults = True
default_role = "py:obj"  # a name in a docstring is a link where it has a place
numpydoc_show_class_members = False

logging.getLogger("jieba").setLevel(logging.WARNING)
