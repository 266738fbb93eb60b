"""Positions of a reader in a live run, which travel to the browser and back."""

from __future__ import annotations

from dataclasses import dataclass

# Python refuses to read numbers of some thousand digits, and the text comes from the browser.
MAX_CURSOR_DIGITS = 20


@dataclass(slots=True)
class Position:
    """A reader's position in one half of an answer: finished blocks, and the version of the open one."""

    blocks: int = 0
    tail: int = -1


class Cursor:
    """A reader's position in one run. Its text form travels to the browser and back.

    A cursor of another rendering, made by a process that has ended, starts over.
    """

    def __init__(self, text: str = "") -> None:
        self.epoch, self.answer, self.reasoning = _parse(text)
        self.receipt_at = 0.0
        # The line about the answer's JSON that the page has.
        self.check = ""
        # Version and time of what the page has beside the answer's text.
        self.parts_version = 0
        self.parts_at = 0.0
        # Number of the notice that the page shows above the answer; 0 is none. It is not known of a page that
        # comes back: the notice may have changed meanwhile.
        self.notice = None if text else 0

    def __str__(self) -> str:
        # The open block is not counted: after a reconnect it is sent once more, whole.
        return f"{self.epoch}.{self.answer.blocks}.{self.reasoning.blocks}"


def _parse(text: str) -> tuple[str, Position, Position]:
    epoch, _, rest = text.partition(".")
    first, _, second = rest.partition(".")
    if first.isdecimal() and second.isdecimal() and len(rest) <= MAX_CURSOR_DIGITS:
        return epoch, Position(int(first)), Position(int(second))
    return "", Position(), Position()
