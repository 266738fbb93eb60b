"""The rendering of an answer while it arrives, at a cost per token that does not grow with its length."""

from __future__ import annotations

from chat.markdown import lines
from chat.markdown.context import Context
from chat.markdown.escape import normalise
from chat.markdown.open_block import CUT, OpenBlock
from chat.markdown.open_end import OpenEnd
from chat.markdown.open_fence import OpenFence
from chat.markdown.open_list import OpenList
from chat.markdown.open_table import OpenTable
from chat.markdown.open_text import OpenFormula, OpenIndented, OpenText
from chat.markdown.whole import blocks

# A longer line is shown before its end arrives.
ENDLESS = 2 * CUT


class IncrementalRenderer:
    """A renderer that is fed text; finished blocks and the open end are read whenever a frame is due.

    ``feed`` only stores. The work is done when ``blocks`` or ``open_end`` is read, once for all readers
    between two feeds. After ``finish``, the blocks and the open end have the same text as
    ``render(whole)``, except for links whose definition stands in another block and lists or paragraphs
    that were cut. Such a definition is shown until the answer is complete.
    """

    def __init__(self) -> None:
        self._fed: list[str] = []
        self._blocks: list[str] = []
        self._partial = ""
        self._context = Context()
        self._open: OpenBlock | None = None
        self._open_end = OpenEnd(0)
        # A carriage return at the end of the text: its line feed may follow.
        self._held = ""
        # The start of a block whose first line is not complete.
        self._draft: OpenText | None = None

    def feed(self, text: str) -> None:
        if text:
            self._fed.append(text)

    @property
    def blocks(self) -> list[str]:
        """Final HTML of the finished top-level blocks. The list only grows."""
        self._advance()
        return self._blocks

    def open_end(self) -> OpenEnd:
        """Return the open block as it is now; the same object until it changes."""
        self._advance()
        return self._open_end

    def finish(self) -> None:
        """Turn the open block into a finished one: the answer is complete."""
        self._advance()
        if self._partial:
            self._take(self._partial)
            self._partial = ""
        self._close()
        self._update_open_end()

    def _advance(self) -> None:
        if not self._fed:
            return
        new = self._held + "".join(self._fed)
        self._fed.clear()
        self._held = "\r" if new.endswith("\r") else ""
        new = normalise(new.removesuffix("\r"))
        *complete, self._partial = f"{self._partial}{new}".split("\n")
        for line in complete:
            self._take(line)
            self._cut_if_long("")
        self._partial = self._cut_if_long(self._partial)
        self._update_open_end()

    def _take(self, line: str) -> None:
        """Give one complete line to the open block, or begin another with it."""
        if self._open is not None and not self._open.accepts(line):
            self._close()
        if self._open is None:
            self._begin(line)
        elif not self._becomes_table(line):
            self._open.add(line)
        if self._open is not None and self._open.is_closed:
            self._close()

    def _begin(self, line: str) -> None:
        draft, self._draft = self._draft, None
        if lines.is_blank(line):
            return
        if lines.is_heading(line) or lines.is_rule(line):
            self._append(blocks(line, self._context.final_env()))
        elif lines.indent_of(line) >= 4:
            self._open = OpenIndented(self._context)
            self._open.add(line)
        elif fence := lines.fence_of(line):
            self._open = OpenFence(fence)
        elif lines.formula_of(line):
            self._open = OpenFormula(self._context, line)
        elif lines.marker_of(line):
            self._open = OpenList(self._context, line, draft)
        else:
            self._open = OpenText(self._context, draft)
            self._open.add(line)

    def _becomes_table(self, line: str) -> bool:
        """Return whether the line makes the last line of the open paragraph the header of a table."""
        text = self._open
        if not isinstance(text, OpenText) or not text.lines or not lines.is_delimiters(line):
            return False
        if "|" not in text.lines[-1] or lines.is_quote(text.lines[0]):
            return False
        table = OpenTable(self._context, text.lines[-1], line)
        if not table.is_table:
            return False
        text.lines.pop()
        if text.lines:
            self._append(text.finished())
        self._open = table
        return True

    def _cut_if_long(self, partial: str) -> str:
        if self._open is not None:
            partial = self._cut(self._open, partial)
        if len(partial) > ENDLESS:
            # A line this long is continued as a paragraph.
            self._close()
            self._draft = None
            self._open = OpenText(self._context)
            partial = self._cut(self._open, partial)
        return partial

    def _cut(self, block: OpenBlock, partial: str) -> str:
        pieces, rest = block.cut(partial)
        for piece in pieces:
            self._append(piece)
        return rest

    def _close(self) -> None:
        if self._open is not None:
            self._append(self._open.finished())
            self._open = None

    def _append(self, html: str) -> None:
        # Blank pieces have no HTML.
        if html:
            self._blocks.append(html)

    def _update_open_end(self) -> None:
        version = self._open_end.version + 1
        growth = self._open.growth if isinstance(self._open, OpenFence) else None
        if growth is not None:
            if growth.note(version):
                self._open_end = OpenEnd(version, growth=growth)
            return
        html = self._preview()
        if self._open_end.growth is not None or html != self._open_end.html:
            self._open_end = OpenEnd(version, html)

    def _preview(self) -> str:
        if self._open is not None:
            return self._open.preview(self._partial)
        if not self._partial or lines.is_blank(self._partial):
            return ""
        if self._draft is None:
            self._draft = OpenText(self._context)
        return self._draft.preview(self._partial)
