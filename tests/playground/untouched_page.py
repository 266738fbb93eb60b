"""The data that a browser would post from an untouched page."""

from __future__ import annotations

from html.parser import HTMLParser


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[str]] = {}
        self._in_template = 0
        self._area = ""
        self._text: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "template":
            self._in_template += 1
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self._post(self._select, given["value"])
        elif tag == "input":
            self._post_input(name, given)

    def _post_input(self, name: str, given: dict[str, str]) -> None:
        if "checked" in given or given.get("type") not in ("radio", "checkbox"):
            # Browsers remove line breaks from one-line inputs.
            self._post(name, given.get("value", "").replace("\r", "").replace("\n", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._in_template -= 1
        elif tag == "textarea" and self._area:
            # Browsers drop the first line break after the tag and post all others as CRLF.
            text = "".join(self._text).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")
            self._post(self._area, text.replace("\n", "\r\n"))
            self._area = ""

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def _post(self, name: str, value: str) -> None:
        # The content of a template element is not part of the page.
        if name and not self._in_template:
            self.found.setdefault(name, []).append(value)


def posted_by(html: str) -> dict[str, list[str]]:
    page = _Page()
    page.feed(html)
    return page.found
