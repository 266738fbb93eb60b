"""Scenarios that every server goes through, on each of its endpoints.

A scenario returns None, or a sentence that says what is wrong.

:raises NotTried: the server has nothing to try it with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from tests.third_party.plain_readers import text_of
from tests.third_party.servers import CHAT, MESSAGES, RESPONSES

if TYPE_CHECKING:
    from tests.third_party.servers import Server
    from tests.third_party.site import Ended, Site


class NotTried(Exception):
    """The server cannot be brought into this situation."""


Scenario = Callable[["Site", "Server", str], str | None]

_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_TOOLS = {
    CHAT: [{"type": "function", "function": {"name": "get_weather", "parameters": _SCHEMA}}],
    RESPONSES: [{"type": "function", "name": "get_weather", "parameters": _SCHEMA}],
    MESSAGES: [{"name": "get_weather", "input_schema": _SCHEMA}],
}
_LENGTH = {CHAT: "p.max_tokens", RESPONSES: "p.max_output_tokens", MESSAGES: "p.max_tokens"}


def answer(site: Site, server: Server, endpoint: str) -> str | None:
    """Compare a short answer with its raw one."""
    site.send(endpoint, "hello", **{_LENGTH[endpoint]: "24"})
    return _whole(site, endpoint, site.answered())


def second_turn(site: Site, server: Server, endpoint: str) -> str | None:
    """Send the server its own answer back as history."""
    path = site.send(endpoint, "hello", **{_LENGTH[endpoint]: "12"})
    site.answered()
    site.send(endpoint, "hello again", path=path, **{_LENGTH[endpoint]: "12"})
    return _whole(site, endpoint, site.answered())


def tools(site: Site, server: Server, endpoint: str) -> str | None:
    """Offer a tool, return its result and compare the answer to that."""
    fields = {"p.tools": json.dumps(_TOOLS[endpoint]), _LENGTH[endpoint]: "64"}
    site.send(endpoint, "What is the weather in Oslo?", **fields)
    ended = site.answered()
    if ended.status == "failed":
        return _has_words(ended)
    if server.calls_tools and not ended.calls:
        return "no call was read"
    if not ended.calls or server.is_faulty:
        return _whole(site, endpoint, ended)
    if ended.calls[0]["name"] != "get_weather":
        return f"the call is {ended.calls[0]}"
    site.return_results(ended, "Rain, 8 degrees")
    return _whole(site, endpoint, site.answered())


def image(site: Site, server: Server, endpoint: str) -> str | None:
    """Send a picture, which the server may refuse in its words."""
    picture = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(picture, "PNG")
    code = site.upload("teal.png", picture.getvalue(), "image/png")
    site.send(endpoint, "What is on it?", attachments=code, **{_LENGTH[endpoint]: "12"})
    ended = site.answered()
    return _has_words(ended) if ended.status == "failed" else _whole(site, endpoint, ended)


def stop(site: Site, server: Server, endpoint: str) -> str | None:
    """Stop an answer and compare what came."""
    if not server.can_be_stopped:
        raise NotTried
    site.send(endpoint, "Write a long story", **{_LENGTH[endpoint]: "500"})
    site.stop()
    ended = site.answered()
    return _whole(site, endpoint, ended) if ended.status in {"stopped", "finished"} else _told(ended)


def error(site: Site, server: Server, endpoint: str) -> str | None:
    """Bring about an error and look for the server's words."""
    if server.failing is None:
        raise NotTried
    text, words = server.failing
    site.send(endpoint, text, **{_LENGTH[endpoint]: "12"})
    ended = site.answered()
    if ended.status != "failed":
        return f"the run {ended.status}, a failure was expected"
    return None if words in json.dumps(ended.error).lower() else _told(ended)


SCENARIOS: tuple[Scenario, ...] = (answer, second_turn, tools, image, stop, error)


def _whole(site: Site, endpoint: str, ended: Ended) -> str | None:
    """Compare the stored text with the raw answer and with its replay."""
    if ended.status == "failed" and not ended.raw:
        return _told(ended)
    # NUL is the one character that the database cannot store.
    plain = text_of(endpoint, ended.raw).replace("\0", "\ufffd")
    if ended.text != plain:
        return f"stored {ended.text[:80]!r}, the raw answer says {plain[:80]!r}"
    if ended.text != site.replayed(ended):
        return "the replay differs from the stored answer"
    return None


def _has_words(ended: Ended) -> str | None:
    detail = (ended.error or {}).get("detail") or (ended.error or {}).get("message")
    return None if detail else _told(ended)


def _told(ended: Ended) -> str:
    return f"the run {ended.status}: {json.dumps(ended.error)[:300]}"
