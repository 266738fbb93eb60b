"""The conversations of a file, whichever program wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from chat.exceptions import ImportRefused
from chat.importing.chatgpt import read_chatgpt
from chat.importing.elements import elements
from chat.importing.found import FoundConversation, Json, text_of
from chat.importing.open_webui import read_open_webui
from chat.importing.own import read_own
from chat.importing.own_format import FORMAT
from chat.importing.requests import Requests, is_request

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNKNOWN = (
    "It is no conversation that can be read here. Choose an export of this playground, of ChatGPT "
    "(conversations.json) or of Open WebUI."
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A conversation that cannot be read, with the reason as sentences."""

    title: str
    reason: str


def read_conversations(file: IO[bytes]) -> Iterator[FoundConversation | Unread]:
    """Yield the conversations of a file, in its order. Those of request bodies come last.

    :raises ImportRefused: the rest of the file cannot be read; what was yielded before is whole.
    """
    start = file.read(4)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        raise ImportRefused("This is a zip archive. Unpack it, and choose the JSON file inside.")
    requests = Requests()
    for element in elements(file):
        title = ""
        try:
            found = element.parsed()
            title = _title(found)
            if is_request(found) and "history" not in found and found.get("format") != FORMAT:
                requests.add(found)
                continue
            yield _read(found)
        except ImportRefused as refusal:
            yield Unread(title or f"Line {element.line:,}", str(refusal))
    yield from requests.conversations()


def _read(found: Json) -> FoundConversation:
    if found.get("format") == FORMAT:
        return read_own(found)
    if "mapping" in found:
        return read_chatgpt(found)
    if "chat" in found or "history" in found:
        return read_open_webui(found)
    raise ImportRefused(_UNKNOWN)


def _title(found: Any) -> str:
    title = text_of(found.get("title"))
    chat = found.get("chat")
    return title or (text_of(chat.get("title")) if isinstance(chat, dict) else "")
