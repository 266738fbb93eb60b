"""The Markdown parser: CommonMark, tables, strike-through, task lists, formulas; no HTML.

The settings of a call are in markdown-it's ``env``: ``references`` (link definitions seen so
far), ``colours`` and ``seconds`` (characters and CPU time that may still go into highlighting),
``is_loose`` (treat the list as loose although this piece of it is tight), ``outline`` (the levels of the
headings that the next one stands under), and what ``bounds`` counts.
``formula_seconds`` is the CPU time that may still go into formulas.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from time import thread_time
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.markdown import bounds, definitions, formulas, links, notes, tables
from chat.markdown.code import figure
from chat.markdown.emphasis import Inline
from chat.markdown.escape import plain
from chat.markdown.sanitise import sanitise

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore

Env = MutableMapping[str, Any]

# CPU time for all code of one call, besides the limit that ``code`` sets for each block.
_COLOUR_SECONDS = 0.5
# CPU time for all formulas of one call. A page of mathematics needs a tenth of it.
_FORMULA_SECONDS = 0.5

# The end of the line after it is the same break.
_BREAK = re.compile(r"<br\s{0,2}/?>(?:[ \t]*\n[ \t]*)?", re.IGNORECASE)
_ALIGNMENTS = {"text-align:right": "is-right", "text-align:center": "is-centred"}


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        # Refused links would be shown as their source; ``links`` decides instead.
        return True


def _break_rule(state: StateInline, silent: bool) -> bool:
    """Parse ``<br>``, which models write in table cells: Markdown has no other line break there."""
    if state.src[state.pos] != "<":
        return False
    found = _BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _block_rule(state: StateCore) -> None:
    """Set the reading direction and the alignment class of blocks, and lower headings below the page's."""
    outline: list[int] = state.env.setdefault("outline", [])
    tag = ""
    for token in state.tokens:
        if token.type == "heading_open":
            tag = _heading_tag(outline, int(token.tag[1]), is_nested=token.level > 0)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = tag
        # A list or quote as a whole has one direction, and its markers and bars are on that side.
        if token.level == 0 and token.nesting == 1:
            token.attrs["dir"] = "auto"
        if token.tag in {"td", "th"} and token.nesting == 1:
            alignment = _ALIGNMENTS.get(str(token.attrs.pop("style", "")))
            if alignment:
                token.attrs["class"] = alignment
        if state.env.get("is_loose") and token.level == 2 and token.type.startswith("paragraph"):
            token.hidden = False


def _heading_tag(outline: list[int], level: int, *, is_nested: bool) -> str:
    """Return the tag of a heading, one step below the heading that it stands under, whatever its own level.

    The first heading of a message is h3. Many models begin with level 2 or skip levels, and people who
    read by headings take a missing level for missing text (WCAG 1.3.1). A heading in a list or a quote is
    below the last one and has nothing below itself: such a block may be parsed in pieces, or twice.

    >>> outline = []
    >>> [_heading_tag(outline, level, is_nested=False) for level in (2, 4, 4, 1, 2)]
    ['h3', 'h4', 'h4', 'h3', 'h4']
    """
    if is_nested:
        return f"h{min(3 + len(outline), 6)}"
    while outline and outline[-1] >= level:
        outline.pop()
    outline.append(level)
    return f"h{min(2 + len(outline), 6)}"


def _fence(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    token = tokens[index]
    size, left = len(token.content), int(env.get("colours", 0))
    seconds = float(env.get("seconds", _COLOUR_SECONDS))
    info = token.info.strip() if token.type == "fence" else ""
    started = thread_time()
    html = figure(token.content, info, is_coloured=size <= left and seconds > 0)
    env["colours"], env["seconds"] = left - size, seconds - (thread_time() - started)
    return html


def _formula(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    token = tokens[index]
    is_block = token.type == "formula_block"
    seconds = float(env.get("formula_seconds", _FORMULA_SECONDS))
    if seconds <= 0:
        html = formulas.source(token.content, token.markup)
    else:
        started = thread_time()
        html = formulas.formula(
            token.content, token.markup, is_block=is_block or bool(token.meta["is_block"])
        )
        env["formula_seconds"] = seconds - (thread_time() - started)
    return f'<p dir="auto">{html}</p>\n' if is_block else html


def _item(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    token = tokens[index]
    if "checked" not in token.meta:
        return "<li>"
    done = " is-done" if token.meta["checked"] else ""
    return f'<li class="task-item"><span class="task{done}"></span> '


def _build() -> _Parser:
    options = {"html": False, "tasklists": True, "maxNesting": bounds.DEEPEST}
    # A line end is a line break, as in other chats. Labels tell which definitions are used.
    md = _Parser("commonmark", {**options, "breaks": True, "store_labels": True})
    md.enable(["table", "strikethrough"])
    md.inline = Inline(md.inline)
    md.core.ruler.at("inline", bounds.inline_rule)
    md.block.ruler.at("table", tables.table_rule, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("reference", definitions.block_rule)
    md.core.ruler.after("inline", "definitions", definitions.core_rule)
    md.core.ruler.after("text_join", "links", links.link_rule)
    md.core.ruler.push("blocks", _block_rule)
    md.inline.ruler.before("newline", "bare_link", links.bare_rule)
    md.inline.ruler.before("escape", "formula", formulas.inline_rule)
    md.inline.ruler.before("link", "note", notes.note_rule)
    md.inline.ruler.before("autolink", "break", _break_rule)
    md.block.ruler.before(
        "fence",
        "formula",
        formulas.block_rule,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    for name in ("fence", "code_block"):
        md.add_render_rule(name, _fence)
    for name in ("formula_inline", "formula_block"):
        md.add_render_rule(name, _formula)
    md.add_render_rule("list_item_open", _item)
    return md


_md = _build()


def blocks_to_html(source: str, env: Env) -> str:
    """Return safe HTML of whole blocks of Markdown."""
    tokens = block_tokens(source, env)
    if tokens is None:
        return plain(source)
    return sanitise(_md.renderer.render(tokens, _md.options, env))


def block_tokens(source: str, env: Env) -> list[Token] | None:
    """Return the tokens of whole blocks; None if they are nested too deeply."""
    tokens = _md.parse(source, env)
    is_too_deep = any(token.level >= bounds.DEEPEST - 1 for token in tokens)
    return None if is_too_deep else tokens


def inline_tokens(source: str, env: Env) -> list[Token]:
    return _md.parseInline(source, env)


def inline_to_html(tokens: Sequence[Token], env: Env) -> str:
    """Return safe HTML of text inside a block."""
    return sanitise(_md.renderer.render(tokens, _md.options, env))
