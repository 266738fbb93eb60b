"""A request that was read from pasted text, and the reason why a text cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.exceptions import PlaygroundError

if TYPE_CHECKING:
    from playground.code.request import FileUse

Json = dict[str, Any]
COMPUTED = (
    "The program computes this value, and pasted code is never executed. Replace it by the value itself."
)


class PasteRefused(PlaygroundError):
    """The text cannot be read. The message is a sentence for the user, and never quotes the text's values.

    ``line`` and ``column`` count from 1; both are 0 if the reason has no place.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        self.message, self.line, self.column = message, line, column
        super().__init__(f"Line {line}, column {column}: {message}" if line else message)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as one of the readers found it. ``body`` may contain the marks of ``file_marks``.

    ``url`` is the whole address, or empty where the text has none. ``kind`` is the kind of endpoint if the
    text names it in another way. ``header_names`` are in lower case.
    """

    body: Json = field(repr=False)
    url: str = ""
    kind: str = ""
    header_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paste:
    """A request that was read from a text.

    ``form`` says what the text was: "a curl command". ``base_url`` and ``kind`` are empty if the text does
    not tell them. The values of headers are never kept. ``has_key`` says that the text contained a key.
    ``files`` are places in the body that a program fills from files.
    """

    form: str
    base_url: str
    kind: str
    body: Json = field(repr=False)
    header_names: tuple[str, ...] = ()
    has_key: bool = False
    files: tuple[FileUse, ...] = ()

    @property
    def is_streamed(self) -> bool:
        return self.body.get("stream") is True
