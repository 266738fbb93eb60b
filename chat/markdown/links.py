"""Links and images of a model: they lead to the web or a mailbox, show the host, and load nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from markdown_it.token import Token

from chat.markdown.scripts import CJK

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

# After normalisation by the parser: international hosts are in their ASCII form, spaces and
# backslashes percent-encoded. No "user@" is allowed before the host, since it serves to deceive.
_WEB = re.compile(r"https?://([a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:([^\s?@\"<>]+@[a-z0-9][a-z0-9.-]*)(?:\?.*)?", re.IGNORECASE)
_SCHEME_AND_WWW = re.compile(r"(?:https?://|mailto:)?(?:www\.)?", re.IGNORECASE)

# The host is part of the pattern, and the rest is bounded: each failure costs the length of the match.
# Text of scripts without spaces may follow directly, so it ends an address; a host may be written in it.
_OTHER = r"\s<>\"`|\\^{}“”‘’…"
_BARE = re.compile(
    rf"://(?:[^{_OTHER}{CJK}/?#:@]+|[^{_OTHER}/?#:@\u3000-\u303f\uff01-\uff65]+(?=[/:]))(?::\d{{1,5}})?"
    rf"(?:[/?#][^{_OTHER}{CJK}]{{0,2000}})?"
)
_BEFORE_BARE = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


_LONGEST_SHOWN = 2_000
# A description that consists of these is shown without its signs.
_PLAIN = frozenset({"text", "code_inline", "em_open", "em_close", "strong_open", "strong_close"})


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
    url, given = str(token.attrs.get("href", "")), str(token.attrs.get("title", ""))
    target = target_of(url)
    if target is None:
        token.tag, token.attrs = "span", _blocked(url, given)
    else:
        token.attrs = _attributes(target, given, "link has-host" if hides_host(text, target.host) else "link")
    return token


def _attributes(target: Target, given: str, kind: str) -> dict[str, str | int | float]:
    """Return attributes of a link. A title that the model gave follows the host, and cannot replace it."""
    if not given:
        return {"class": kind, "href": target.url, "title": target.host}
    title = f"{target.host}: {given}"
    return {"class": kind, "href": target.url, "title": title, "data-host": target.host}


def _blocked(url: str, given: str) -> dict[str, str | int | float]:
    # Data in an address is not text, and may be megabytes.
    shown = url[: 120 if url.startswith("data:") else _LONGEST_SHOWN]
    title = f"Not a web address: {shown}" + (f" ({given})" if given else "")
    return {"class": "link-blocked", "title": title}


def _image(token: Token, *, is_in_link: bool) -> Iterator[Token]:
    """Replace an image by a link. Loading it could send parts of the conversation to its host."""
    children = token.children or []
    # A link or formula in the description is shown as it was written.
    alt = _text(children) if all(child.type in _PLAIN for child in children) else token.content
    text = Token("text", "", 0, content=f"[image: {alt}]" if alt else "[image]")
    url, given = str(token.attrs.get("src", "")), str(token.attrs.get("title", ""))
    target = target_of(url)
    if target is None:
        tag, attrs = "span", _blocked(url, given)
    elif is_in_link:
        tag, attrs = "span", {"title": f"{url}: {given}" if given else url}
    else:
        tag, attrs = "a", _attributes(target, given, "link is-image has-host")
    yield Token("link_open", tag, 1, attrs=attrs)
    yield text
    yield Token("link_close", tag, -1)


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
