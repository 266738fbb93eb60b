"""An answer to HTML while it arrives, at a cost per token that does not grow with its length."""

from __future__ import annotations

from chat.markdown import lines
from chat.markdown.context import Context
from chat.markdown.escape import normalise
from chat.markdown.open_block import CUT, OpenBlock
from chat.markdown.open_fence import OpenFence
from chat.markdown.open_list import OpenList
from chat.markdown.open_table import OpenTable
from chat.markdown.open_text import OpenFormula, OpenIndented, OpenText
from chat.markdown.tail import Tail
from chat.markdown.whole import blocks

# Longer than this no line is kept waiting for its end.
ENDLESS = 2 * CUT


class IncrementalRenderer:
    """Feed it text as it comes; read finished blocks and the open one whenever a frame is due.

    ``feed`` only stores. The work is done when blocks or tail are asked for, once for all who ask
    between two feeds. Blocks + tail after ``finish`` have the same text as ``render(whole)``,
    except for links whose definition follows them and lists or paragraphs that were cut.
    """

    def __init__(self) -> None:
        self._fed: list[str] = []
        self._blocks: list[str] = []
        self._partial = ""
        self._context = Context()
        self._open: OpenBlock | None = None
        self._tail = Tail(0)
        # A carriage return at the end of what came: the line feed may be yet to come.
        self._held = ""
        # The start of a block of which not even the first line is complete.
        self._draft: OpenText | None = None

    def feed(self, text: str) -> None:
        if text:
            self._fed.append(text)

    @property
    def blocks(self) -> list[str]:
        """Final HTML of the finished top-level blocks; only ever appended to."""
        self._advance()
        return self._blocks

    def tail(self) -> Tail:
        """The open block as it is now; the same object as long as nothing changed."""
        self._advance()
        return self._tail

    def finish(self) -> None:
        """The answer is complete: what is open becomes a block."""
        self._advance()
        if self._partial:
            self._take(self._partial)
            self._partial = ""
        self._close()
        self._update_tail()

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
        self._update_tail()

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
        """Whether the last line of the open paragraph turns out to be the header of a table."""
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
            # A line without an end where none is expected: it goes on as a paragraph.
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
        # Link definitions and blank pieces have none.
        if html:
            self._blocks.append(html)

    def _update_tail(self) -> None:
        version = self._tail.version + 1
        growth = self._open.growth if isinstance(self._open, OpenFence) else None
        if growth is not None:
            if growth.note(version):
                self._tail = Tail(version, growth=growth)
            return
        html = self._preview()
        if self._tail.growth is not None or html != self._tail.html:
            self._tail = Tail(version, html)

    def _preview(self) -> str:
        if self._open is not None:
            return self._open.preview(self._partial)
        if not self._partial or lines.is_blank(self._partial):
            return ""
        if self._draft is None:
            self._draft = OpenText(self._context)
        return self._draft.preview(self._partial)
