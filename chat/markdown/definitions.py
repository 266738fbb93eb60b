"""Link definitions: "[label]: address". One that no link uses is text, like everything that looks like one.

CommonMark hides them all, so that an answer of "[INFO]: started" would be empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.rules_block.reference import reference

from chat.markdown.bounds import is_definition, parse_inside
from chat.markdown.links import target_of

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


# A definition takes 0.2 ms. More of them are a paragraph.
_MOST = 1_000


def block_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a definition whose target is an address, as a markdown-it rule. It is kept as a paragraph."""
    env = state.env
    if len(env.get("references", ())) >= _MOST:
        return False
    found: dict[str, dict[str, str]] = {}
    state.env = {"references": found}
    try:
        is_definition = reference(state, start_line, end_line, silent)
    finally:
        state.env = env
    if silent or not is_definition:
        return is_definition
    [(label, target)] = found.items()
    if target_of(target["href"]) is None or label.startswith("^"):
        state.line = start_line
        return False
    is_first = label not in env.setdefault("references", {})
    if is_first:
        env["references"][label] = target
    _push(state, start_line, label if is_first else "")
    return True


def _push(state: StateBlock, start_line: int, label: str) -> None:
    state.push("paragraph_open", "p", 1).map = [start_line, state.line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start_line, state.line, state.blkIndent, False).strip()
    token.map = [start_line, state.line]
    token.children = []
    token.meta = {"definition": label}
    state.push("paragraph_close", "p", -1)


def core_rule(state: StateCore) -> None:
    """Drop the definitions that a link uses, and parse the others as text, as a markdown-it rule."""
    if not any(map(is_definition, state.tokens)):
        return
    used = {
        child.meta.get("label")
        for token in state.tokens
        for child in token.children or ()
        if child.type in {"link_open", "image"}
    }
    kept: list[Token] = []
    shown: list[tuple[Token, list[str]]] = []
    for token in state.tokens:
        kept.append(token)
        if len(kept) < 3 or not is_definition(kept[-2]):
            continue
        definition = kept[-2]
        if definition.meta["definition"] in used:
            del kept[-3:]
        elif len(kept) > 5 and is_definition(kept[-5]) and _adjoins(kept[-5], definition):
            # The definition above is the last that is shown.
            shown[-1][1].append(definition.content)
            kept[-5].map = definition.map
            del kept[-3:]
        else:
            shown.append((definition, [definition.content]))
    state.tokens = kept
    references = state.env.pop("references")
    for token, parts in shown:
        # A definition must not use itself, as a link would.
        token.content = "\n".join(parts)
        parse_inside(token, state)
    state.env["references"] = references


def _adjoins(above: Token, below: Token) -> bool:
    return above.level == below.level and (above.map or [0, -1])[1] == (below.map or [0, 0])[0]
