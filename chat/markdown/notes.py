"""Footnotes: "[^1]" in a text and "[^1]: …" below it are both shown, with the label as a raised sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

# Numbers, or names that are no set of characters as in "[^abc]".
_NOTE = re.compile(r"\[\^(\d{1,4}|[^\W\d_][\w-]{3,40})\](?![(\[])(:(?=\s))?")


def note_rule(state: StateInline, silent: bool) -> bool:
    """Parse the label of a footnote, at its place or before its text, as a markdown-it rule."""
    if not state.src.startswith("[^", state.pos):
        return False
    found = _NOTE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("note_open", "sup", 1).attrs = {"class": "note"}
        state.push("text", "", 0).content = found[1]
        state.push("note_close", "sup", -1)
        is_start = found[2] and state.src[: state.pos].rpartition("\n")[2].strip() == ""
        if found[2] and not is_start:
            state.pending += ":"
    state.pos = found.end()
    return True
