"""The open block of code: escaped text that only grows. It is coloured when it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.markdown import lines
from chat.markdown.code import END_OF_FIGURE, OPEN_FIGURE, figure
from chat.markdown.escape import escape
from chat.markdown.open_end import Growth
from chat.markdown.sanitise import COPY_BUTTON, sanitise

if TYPE_CHECKING:
    from chat.markdown.lines import Fence

_HEAD = OPEN_FIGURE.replace("</span></figcaption>", f"</span>{COPY_BUTTON}</figcaption>")


class OpenFence:
    """A fence with its code in pieces. Text that was shown is never changed."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        self._info = fence.info
        self._code: list[str] = []
        self._is_inside_line = False
        self._is_closed = False
        self.growth = Growth(_HEAD.format(language=escape(self._info)), END_OF_FIGURE)

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def accepts(self, line: str) -> bool:
        return True

    def add(self, line: str) -> None:
        if not self._is_inside_line and lines.closes(line, self._fence):
            self._is_closed = True
            return
        self._show(f"{self._dedented(line)}\n")
        self._is_inside_line = False

    def cut(self, partial: str) -> tuple[list[str], str]:
        """Take the start of a line as soon as it cannot be the closing fence any more."""
        start = partial.strip(" \t")
        if self._is_inside_line:
            self._show(partial)
        elif start and start.strip(self._fence.character):
            self._show(self._dedented(partial))
            self._is_inside_line = True
        else:
            return [], partial
        return [], ""

    def finished(self) -> str:
        return sanitise(figure("".join(self._code), self._info, is_coloured=True))

    def preview(self, partial: str) -> str:
        return "".join((self.growth.head, *self.growth.pieces, self.growth.foot))

    def _dedented(self, line: str) -> str:
        if not self._fence.indent or self._is_inside_line:
            return line
        return line[min(self._fence.indent, len(line) - len(line.lstrip(" "))) :]

    def _show(self, text: str) -> None:
        if text:
            self._code.append(text)
            self.growth.pieces.append(escape(text))
