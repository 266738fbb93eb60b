"""Open blocks whose kind is known from their lines alone: text, indented code, formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.markdown import lines
from chat.markdown.escape import escape
from chat.markdown.open_block import SourceBlock
from chat.markdown.whole import blocks

if TYPE_CHECKING:
    from chat.markdown.context import Context


class OpenText(SourceBlock):
    """A paragraph or a quotation. It ends at a blank line or at a block that may interrupt it."""

    @property
    def is_closed(self) -> bool:
        # An underline makes the paragraph a heading, which ends there.
        is_paragraph = len(self.lines) > 1 and not lines.is_quote(self.lines[0])
        return is_paragraph and lines.is_underline(self.lines[-1])

    def accepts(self, line: str) -> bool:
        if lines.is_blank(line):
            return False
        return not self.lines or not self._is_interrupted_by(line)

    def _is_interrupted_by(self, line: str) -> bool:
        if lines.is_underline(line) and not lines.is_quote(self.lines[0]):
            return False
        if lines.interrupts(line) or lines.is_rule(line):
            return True
        if lines.is_quote(line):
            # A quotation may continue after a line without a sign.
            return not lines.is_quote(self.lines[0])
        marker = lines.marker_of(line)
        if marker is None or marker.may_interrupt:
            return marker is not None
        return lines.is_quote(self.lines[0]) and self._ends_with_list(line)

    def _ends_with_list(self, line: str) -> bool:
        """Ask the parser whether a list starts after the quotation."""
        html = blocks(f"{self.source()}\n{line}", self.context.draft_env())
        return html.endswith(("</ul>\n", "</ol>\n"))


class OpenIndented(SourceBlock):
    """Indented code, which may contain blank lines."""

    def accepts(self, line: str) -> bool:
        return lines.is_blank(line) or lines.indent_of(line) >= 4


class OpenFormula(SourceBlock):
    """A formula on lines of its own. Its source is shown until it is complete."""

    def __init__(self, context: Context, line: str) -> None:
        super().__init__(context)
        super().add(line)
        self._opening = lines.formula_of(line)
        self._is_closed = lines.closes_formula(line, self._opening, is_first=True)

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def accepts(self, line: str) -> bool:
        return not lines.is_blank(line)

    def add(self, line: str) -> None:
        super().add(line)
        self._is_closed = lines.closes_formula(line, self._opening, is_first=False)

    def preview(self, partial: str) -> str:
        source = "\n".join([*self.lines, partial] if partial else self.lines)
        return f'<p dir="auto"><code class="math-source">{escape(source)}</code></p>\n'
