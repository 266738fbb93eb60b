"""The open table: every row is rendered once, when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.markdown import lines
from chat.markdown.open_block import SourceBlock
from chat.markdown.sanitise import TABLE_CLOSE, TABLE_OPEN
from chat.markdown.whole import blocks

if TYPE_CHECKING:
    from chat.markdown.context import Context

# The rest becomes a table of its own, whose columns are not aligned until the answer is complete.
LONGEST = 8_000

_BODY, _END_OF_BODY = "<tbody>", "</tbody>"


class OpenTable(SourceBlock):
    """Rows under a header. An unfinished row is not shown, because its cells would move."""

    def __init__(self, context: Context, header: str, delimiters: str) -> None:
        super().__init__(context)
        self._header = f"{header}\n{delimiters}"
        self._head = blocks(self._header, context.draft_env())
        self._rows: list[str] = []
        self._is_given_up = False

    @property
    def is_table(self) -> bool:
        """Whether the header and the line below it make a table."""
        return self._head.startswith(TABLE_OPEN) and self._head.endswith(f"{TABLE_CLOSE}\n")

    def accepts(self, line: str) -> bool:
        if lines.is_blank(line) or lines.indent_of(line) >= 4:
            return False
        if lines.interrupts(line) or lines.is_rule(line) or lines.is_quote(line):
            return False
        return lines.marker_of(line) is None

    def finished(self) -> str:
        if self._is_given_up:
            return self.preview("")
        return blocks("\n".join([self._header, *self.lines]), self.context.final_env())

    def cut(self, partial: str) -> tuple[list[str], str]:
        if self.size <= LONGEST:
            return [], partial
        html = self.preview("")
        self._rows, self._is_given_up = [], True
        self.start_over()
        return [html], partial

    def preview(self, partial: str) -> str:
        new = self.lines[len(self._rows) :]
        if new:
            html = blocks("\n".join([self._header, *new]), self.context.draft_env())
            body = html[html.find(_BODY) + len(_BODY) : html.rfind(_END_OF_BODY)]
            self._rows += [body, *[""] * (len(new) - 1)]
        if not self._rows:
            return "" if self._is_given_up else self._head
        body = f"{_BODY}{''.join(self._rows)}{_END_OF_BODY}\n{TABLE_CLOSE}\n"
        if self._is_given_up:
            return TABLE_OPEN.replace("table-scroll", "table-scroll continued") + body
        return self._head.removesuffix(f"{TABLE_CLOSE}\n") + body
