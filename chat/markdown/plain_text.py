"""The text of Markdown as it is read, for pasting where nobody renders Markdown.

Marks are dropped, lists keep bullets and numbers, the cells of a table are separated by tabs, formulas are
LaTeX, code is as it was written, and a link is followed by its address unless its text names it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.tree import SyntaxTreeNode

from chat.markdown.escape import normalise
from chat.markdown.parser import block_tokens
from chat.markdown.whole import LONGEST, MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCHEME = re.compile(r"^(?:https?://|mailto:)")


def plain_text(text: str) -> str:
    """
    >>> plain_text("# A **title**\\n- one\\n- [two](https://example.org/2)")
    'A title\\n\\n• one\\n• two (https://example.org/2)'
    """
    text = normalise(text)
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        return text
    tokens = block_tokens(text, {})
    if tokens is None:
        return text
    return _blocks(SyntaxTreeNode(tokens).children).rstrip()


def _blocks(nodes: Iterable[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(block for block in map(_block, nodes) if block)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "fence" | "code_block":
            return node.content.rstrip("\n")
        case "formula_block":
            return node.content.strip()
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "table":
            return "\n".join(_row(row) for part in node.children for row in part.children)
        case "hr":
            return "———"
        case "blockquote":
            return _blocks(node.children)
        case _:
            return _inline(node)


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    parts = [part for item in node.children for part in item.children]
    is_tight = all(part.hidden for part in parts if part.type == "paragraph")
    between = "\n" if is_tight else "\n\n"
    items = []
    for number, item in enumerate(node.children, start=first):
        sign = f"{number}." if node.type == "ordered_list" else "•"
        if "checked" in item.meta:
            sign = "☑" if item.meta["checked"] else "☐"
        lines = _blocks(item.children, between).split("\n")
        indent = " " * (len(sign) + 1)
        items.append("\n".join([f"{sign} {lines[0]}", *(line and indent + line for line in lines[1:])]))
    return between.join(items)


def _row(row: SyntaxTreeNode) -> str:
    # A line break or a tab in a cell would begin another one.
    return "\t".join(" ".join(_inline(cell).split()) for cell in row.children)


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "formula_inline":
            return node.content.strip()
        case "link":
            return _link(node)
        case "note":
            return f"[{_inlines(node)}]"
        case _:
            return _inlines(node)


def _inlines(node: SyntaxTreeNode) -> str:
    return "".join(_inline(child) for child in node.children)


def _link(node: SyntaxTreeNode) -> str:
    text, address = _inlines(node), str(node.attrs.get("href", ""))
    is_said = _SCHEME.sub("", address).rstrip("/") == _SCHEME.sub("", text).rstrip("/")
    return text if not address or is_said else f"{text} ({address})"
