"""Links and images of a model: they lead to the web or a mailbox, show the host, and load nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from markdown_it.token import Token

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

# After normalisation by the parser: international hosts are in their ASCII form, spaces and
# backslashes percent-encoded. No "user@" is allowed before the host, since it serves to deceive.
_WEB = re.compile(r"https?://([a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:([^\s?@\"<>]+@[a-z0-9][a-z0-9.-]*)(?:\?.*)?", re.IGNORECASE)
_SCHEME_AND_WWW = re.compile(r"(?:https?://|mailto:)?(?:www\.)?", re.IGNORECASE)

# The host is part of the pattern, and the rest is bounded: each failure costs the length of the match.
_BARE = re.compile(r"://[^\s<>\"`|\\^{}/?#:@]+(?::\d{1,5})?(?:[/?#][^\s<>\"`|\\^{}]{0,2000})?")
_BEFORE_BARE = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


class Target(NamedTuple):
    """The address of a link, and the host to show."""

    url: str
    host: str


def target_of(url: str) -> Target | None:
    """Return the target of an allowed link, else None.

    >>> target_of("https://example.org/a?b")
    Target(url='https://example.org/a?b', host='example.org')
    >>> target_of("javascript:alert(1)") is None
    True
    """
    found = _WEB.fullmatch(url) or _MAIL.fullmatch(url)
    return Target(url, found[1].lower()) if found else None


def hides_host(text: str, host: str) -> bool:
    """Return whether the link's text does not show its host.

    >>> hides_host("docs", "example.org"), hides_host("https://www.example.org/x", "example.org")
    (True, False)
    >>> hides_host("example.org@evil.example", "evil.example")
    True
    """
    shown = text[_SCHEME_AND_WWW.match(text).end() :].lower()  # type: ignore[union-attr]  # matches anything
    host = host.removeprefix("www.")
    return not (shown.startswith(host) and shown[len(host) : len(host) + 1] in {"", "/", ":", "?", "#"})


def link_rule(state: StateCore) -> None:
    """Rewrite the links and images that were parsed, as a markdown-it core rule."""
    for token in state.tokens:
        if token.children and any(child.type in {"link_open", "image"} for child in token.children):
            token.children = list(_rewritten(token.children))


def _rewritten(children: list[Token]) -> Iterator[Token]:
    closing = ""
    for position, token in enumerate(children):
        if token.type == "image":
            yield from _image(token, is_in_link=bool(closing))
        elif token.type == "link_open":
            opened = _link(token, _text(_inside(children, position)))
            closing = opened.tag
            yield opened
        elif token.type == "link_close":
            token.tag, closing = closing, ""
            yield token
        else:
            yield token


def _inside(children: list[Token], position: int) -> Iterator[Token]:
    for index in range(position + 1, len(children)):
        if children[index].type == "link_close":
            return
        yield children[index]


def _text(tokens: Iterable[Token]) -> str:
    return "".join(token.content for token in tokens if token.type in {"text", "code_inline"})


def _link(token: Token, text: str) -> Token:
    url = str(token.attrs.get("href", ""))
    target = target_of(url)
    if target is None:
        token.tag = "span"
        token.attrs = {"class": "link-blocked", "title": f"Not a web address: {url[:120]}"}
    else:
        kind = "link has-host" if hides_host(text, target.host) else "link"
        token.attrs = {"class": kind, "href": target.url, "title": target.host}
    return token


def _image(token: Token, *, is_in_link: bool) -> Iterator[Token]:
    """Replace an image by a link. Loading it could send parts of the conversation to its host."""
    alt = _text(token.children or [])[:200]
    text = Token("text", "", 0, content=f"[image: {alt}]" if alt else "[image]")
    target = target_of(str(token.attrs.get("src", "")))
    if target is None or is_in_link:
        yield text
        return
    attrs: dict[str, str | int | float] = {
        "class": "link is-image has-host",
        "href": target.url,
        "title": target.host,
    }
    yield Token("link_open", "a", 1, attrs=attrs)
    yield text
    yield Token("link_close", "a", -1)


def bare_rule(state: StateInline, silent: bool) -> bool:
    """Make links of addresses in the text, without the stop after them, as a markdown-it rule."""
    src = state.src
    if src[state.pos] != ":" or state.linkLevel > 0:
        return False
    before = _BEFORE_BARE.search(state.pending[-8:])
    after = _BARE.match(src, state.pos, state.posMax) if before else None
    if before is None or after is None:
        return False
    rest = _without_stop(after[0])
    url = state.md.normalizeLink(before[1] + rest)
    if target_of(url) is None:
        return False
    if not silent:
        state.pending = state.pending[: -len(before[1])]
        state.push("link_open", "a", 1).attrs = {"href": url}
        state.push("text", "", 0).content = before[1] + rest
        state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _without_stop(url: str) -> str:
    """Cut off punctuation and unpaired brackets, which belong to the sentence around the address."""
    end = len(url)
    while end:
        last = url[end - 1]
        if last == ")" and url.count(")", 0, end) <= url.count("(", 0, end):
            break
        if last not in ".,;:!?'*_~)]}":
            break
        end -= 1
    return url[:end]
