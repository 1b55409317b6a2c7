"""Sentences on why a rule holds, shared by several ops."""

from __future__ import annotations

from ..core.facets import Why

PASSED = Why(
    "A change in {x} changes {y} by as much, so d{y} comes back unchanged.",
    "{x} 变多少,{y} 就变多少,所以 d{y} 原样传回。",
)
FLAT = Why(
    "{y} is a step: level on both sides of its jumps, so a small change in {x} changes nothing and 0 comes back.",
    "{y} 是阶梯:跳跃处两边都是平的,{x} 微小的变化不起作用,所以传回 0。",
)
MOVED = Why(
    "Only the places of the entries change, so each entry of d{y} goes back to where its entry of {x} was.",
    "只是元素换了位置,所以 d{y} 的每个元素回到 {x} 中原来的位置。",
)
COPIED = Why(
    "Each entry of {x} was copied to several places, so what comes back from all of its copies is added up.",
    "{x} 的每个元素被复制到多处,所以各个副本传回的值要相加。",
)
DECIDES = Why(
    "Only the entry that is the extreme decides {y}, so all of d{y} goes to it; entries that tie share it evenly.",
    "{y} 只由取到极值的元素决定,所以 d{y} 全部传给它;并列的平分。",
)
