"""The state of an open page, read from its HTML: what it sends with a prompt, and its hello to the socket."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

_PARAMETERS = "parameters-form"
# The content of a template is not part of the page.
_CONTAINERS = {"form", "fieldset", "template"}
_UNSENT = {"submit", "button", "reset", "image", "file"}
_TICKED = {"checkbox", "radio"}


@dataclass(slots=True)
class _Container:
    tag: str
    # Whether a prompt sends what is in it.
    is_wanted: bool
    is_disabled: bool


class _Fields(HTMLParser):
    """Collect the fields of the composer and of the parameters, as a browser would send them."""

    def __init__(self, conversation: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._wanted = {_PARAMETERS, f"composer-{conversation}"}
        self._inside: list[_Container] = []
        self._text: tuple[str, list[str]] | None = None
        # The name of an open list of options, and the values of the chosen one or else of the first.
        self._options: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _CONTAINERS:
            around = self._inside[-1] if self._inside else _Container("", False, False)
            is_wanted = around.is_wanted or given.get("id") in self._wanted
            is_disabled = around.is_disabled or "disabled" in given or tag == "template"
            self._inside.append(_Container(tag, is_wanted, is_disabled))
        elif tag == "option" and self._options is not None:
            self._take_option(given)
        elif given.get("name") and self._is_sent(given):
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _CONTAINERS and self._inside:
            self._inside.pop()
        elif tag == "textarea" and self._text is not None:
            name, parts = self._text
            # The first line break belongs to the markup.
            self._add(name, "".join(parts).removeprefix("\n"))
            self._text = None
        elif tag == "select" and self._options is not None:
            name, values = self._options
            for value in values[-1:]:
                self._add(name, value)
            self._options = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def _is_sent(self, given: dict[str, str]) -> bool:
        inside = self._inside[-1] if self._inside else None
        return inside is not None and inside.is_wanted and not inside.is_disabled and "disabled" not in given

    def _take(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if tag == "textarea":
            self._text = (given["name"], [])
        elif tag == "select":
            self._options = (given["name"], [])
        elif tag == "input" and kind not in _UNSENT and not (kind in _TICKED and "checked" not in given):
            self._add(given["name"], given.get("value", "on" if kind in _TICKED else ""))

    def _take_option(self, given: dict[str, str]) -> None:
        assert self._options is not None
        if "selected" in given or not self._options[1]:
            self._options[1].append(given.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        self.found.setdefault(name, []).append(value)


@dataclass(slots=True)
class PageForm:
    """The state of an open page, from its HTML."""

    conversation: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    hello: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, html: str, conversation: str) -> PageForm:
        """Read the page of a conversation without a live answer."""
        parser = _Fields(conversation)
        parser.feed(html)
        thread = {
            "code": conversation,
            "head": _first(r'.*\sid="message-([\w-]+)"', html),
            "title": unescape(_first(rf'id="title-{conversation}"[^>]*>([^<]*)<', html)),
            "access": _first(r'data-access="([^"]*)"', html),
            "system": _first(rf'id="system-prompt-{conversation}"[^>]*data-version="([^"]*)"', html),
            "queue": _first(rf'id="queue-{conversation}"[^>]*data-version="([^"]*)"', html),
            "cursors": {},
        }
        return cls(conversation, parser.found, {"type": "hello", "threads": [thread]})

    def renew(self, html: str) -> None:
        """Take the key of the next prompt from the composer that came with the answer to the last one."""
        self.fields["idempotency_key"] = [_first(r'name="idempotency_key" value="([\w-]+)"', html)]


def _first(pattern: str, html: str) -> str:
    found = re.search(pattern, html, re.DOTALL)
    return found[1] if found else ""
