"""A reader that holds the state of a page: it reads a conversation's frames and checks every word.

The words are those of the demo's ``paced`` stream: ``w0 w1@moment w2 …``.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

# The pattern finds a frame's target, its swap style and the words that follow.
_MARKS = re.compile(
    r'(?:id="(?P<id>[\w-]+)" )?hx-swap-oob="(?P<how>\w+)(?::#(?P<target>[\w-]+))?"'
    r"|\bw(?P<word>\d+)(?:@(?P<at>\d+))?"
)


@dataclass(slots=True)
class Reader:
    """The page of one reader while one answer of ``expected`` words arrives."""

    expected: int
    blocks: list[int] = field(default_factory=list)
    tail: list[int] = field(default_factory=list)
    # Words of the final frame, which replaces the streamed answer.
    final: list[int] = field(default_factory=list)
    seen: int = 0
    first_at: int | None = None
    last_at: int | None = None
    lags_ms: list[float] = field(default_factory=list)
    first_lag_ms: float | None = None
    frames: int = 0
    characters: int = 0
    is_ordered: bool = True
    # The state that a reconnecting page sends, taken from the last frame.
    known: dict[str, object] = field(default_factory=dict)

    @property
    def streamed(self) -> list[int]:
        return self.blocks + self.tail

    @property
    def is_whole(self) -> bool:
        """Return whether the final frame has every word once and in order, and starts with the streamed ones.

        An answer that ends between two frames goes straight to its final frame.
        """
        wanted = list(range(self.expected))
        streamed = self.streamed
        return self.is_ordered and streamed == wanted[: len(streamed)] and self.final == wanted

    @property
    def is_done(self) -> bool:
        return len(self.final) >= self.expected

    def take(self, html: str) -> None:
        """Take a frame that has just arrived."""
        now = time.monotonic_ns() // 1000
        self.frames += 1
        self.characters += len(html)
        has_new, stamps = self._sorted_out(html)
        for at in stamps:
            self.lags_ms.append((now - at) / 1000)
        if has_new:
            self.first_at = self.first_at or now
            self.last_at = now
            if self.first_lag_ms is None and stamps:
                self.first_lag_ms = (now - stamps[0]) / 1000

    def _sorted_out(self, html: str) -> tuple[bool, list[int]]:
        """Put the words in their place; return whether any was new, and when new ones were written."""
        words: list[int] = []
        stamps: list[int] = []
        before = self.seen
        for mark in _MARKS.finditer(html):
            if mark["how"]:
                words = self._place(
                    mark["target"] or mark["id"] or "", is_appended=mark["how"] == "beforeend"
                )
                continue
            word = int(mark["word"])
            words.append(word)
            if word >= self.seen:
                self.seen = word + 1
                if mark["at"]:
                    stamps.append(int(mark["at"]))
        # Each frame is checked at its end only, and all words once at the end: the reader stays cheap.
        ends_with = (self.tail or self.blocks or [-1])[-1]
        self.is_ordered &= bool(self.final) or (
            ends_with == self.seen - 1 and len(self.blocks) + len(self.tail) == self.seen
        )
        return self.seen > before, stamps

    def _place(self, target: str, *, is_appended: bool) -> list[int]:
        """Return the list of the words of that place, emptied if the frame replaces them."""
        if target.startswith("run-") and target.endswith("-reasoning-blocks"):
            return []
        if target.startswith("run-") and target.endswith("-blocks"):
            self.blocks = self.blocks if is_appended else []
            return self.blocks
        if target.startswith("run-") and target.endswith("-tail"):
            self.tail = []
            return self.tail
        # A page that connects after the end gets the whole turn.
        if target.startswith(("thread-", "message-")):
            self.final = []
            return self.final
        return []
