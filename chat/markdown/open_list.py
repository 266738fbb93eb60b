"""The open list: finished items are rendered once, and only the last one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.markdown import lines
from chat.markdown.escape import MARK
from chat.markdown.open_block import CUT, SourceBlock, around, cut_at
from chat.markdown.whole import blocks

if TYPE_CHECKING:
    from chat.markdown.context import Context

# An item is cut at this length, later than other blocks: in a cut item, nested lists look flat until the
# answer is complete.
LONGEST_ITEM = 4_000


class OpenList(SourceBlock):
    """A top-level list with everything nested in it; ``lines`` are those of its last item."""

    def __init__(self, context: Context, line: str, draft: SourceBlock | None = None) -> None:
        super().__init__(context, draft)
        marker = lines.marker_of(line)
        assert marker is not None  # noqa: S101 - the caller looked
        self._kind = marker.kind
        self._number = marker.number
        # Text from this column on belongs to the last item.
        self._content = marker.content
        # Whether the last item is only a marker so far.
        self._is_bare = marker.is_empty
        self._is_after_blank = False
        self._is_loose = False
        # The items before the last: their sources, and the HTML of the first of them.
        self._items: list[str] = []
        self._html: list[str] = []
        # The number of items in finished blocks, and whether the last item began in one of those.
        self._finished_count = 0
        self._is_inside_item = False
        # HTML of the last item once it seems complete, and the size of its source.
        self._last_html = ""
        self._last_size = -1
        super().add(line)

    def accepts(self, line: str) -> bool:
        if lines.is_blank(line) or self._is_inside_line:
            return True
        if self._is_bare and self._is_after_blank:
            # An item that is only a marker does not continue after a blank line.
            return self._next_marker(line) is not None
        if lines.indent_of(line) >= self._content:
            return True
        marker = lines.marker_of(line)
        if marker and marker.kind == self._kind:
            return True
        if self._is_after_blank or (marker and marker.may_interrupt):
            return False
        if lines.interrupts(line) or lines.is_quote(line) or lines.is_rule(line):
            return False
        return self._continues_paragraph(line)

    def _continues_paragraph(self, line: str) -> bool:
        """Ask the parser whether a line without indentation is still part of the item."""
        return _items_in(blocks(f"{self.source()}\n{line}", self._draft_env())) is not None

    def add(self, line: str) -> None:
        if lines.is_blank(line) and not self._is_inside_line:
            self._is_after_blank = True
            self.add_blank()
            return
        marker = None if self._is_inside_line else self._next_marker(line)
        if marker:
            self._is_loose = self._is_loose or self._is_after_blank
            self._begin_item(marker)
        super().add(line)
        self._is_bare = marker is not None and marker.is_empty
        self._is_after_blank = False

    def _next_marker(self, line: str) -> lines.Marker | None:
        """Return the marker of the line if it starts the next item of this list."""
        marker = lines.marker_of(line)
        is_next = marker and marker.kind == self._kind and lines.indent_of(line) < self._content
        return marker if is_next else None

    def _begin_item(self, marker: lines.Marker) -> None:
        if self._is_inside_item or self._last_size == self.size:
            self._render_items()
            self._html.append(self._last_item())
        self._items.append(self.source())
        self._content = marker.content
        self._is_inside_item = False
        self._last_size = -1
        self.continue_leaf()

    def finished(self) -> str:
        """Return HTML of the whole list, or of the part that is not in a finished block yet."""
        if not self._finished_count and not self._is_inside_item:
            return blocks("\n".join([*self._items, *self.lines]), self.context.final_env())
        self._render_items()
        return self._wrap("".join([*self._html, self._last_item()]))

    def cut(self, partial: str) -> tuple[list[str], str]:
        pieces = []
        if sum(map(len, self._items)) > 2 * CUT:
            self._render_items()
            pieces.append(self._wrap("".join(self._html)))
            self._finished_count += len(self._items)
            self._items, self._html = [], []
            self.forget_shown()
        if self.size + len(partial) > LONGEST_ITEM:
            is_inside_line = not self.size
            if is_inside_line:
                piece, partial = cut_at(partial)
                self.lines = [piece]
            pieces.append(self.finished())
            self._finished_count += len(self._items)
            self._items, self._html, self._is_inside_item = [], [], True
            self._last_size = -1
            self.start_over(is_inside_line=is_inside_line)
        return pieces, partial

    def _unfinished(self, last: str) -> str:
        self._render_items()
        if self._is_inside_item:
            return self._wrap("".join([*self._html, self._rest_of_item(last, self._draft_env())]))
        if last and self._next_marker(last):
            begun = (
                around(last.removesuffix(MARK)) if last.endswith(MARK) else blocks(last, self._draft_env())
            )
            return self._wrap("".join([*self._html, self._last_item(), _items_in(begun) or ""]))
        source = "\n".join([*self.lines, last]) if last else self.source()
        html = blocks(source, self._draft_env())
        inside = _items_in(html)
        if inside is not None:
            return self._wrap("".join([*self._html, inside]))
        # There is more than a list, for example a paragraph that has just begun after it.
        return (self._wrap("".join(self._html)) if self._html else "") + html

    def _render_items(self) -> None:
        """Render the complete items, each of them once."""
        for item in self._items[len(self._html) :]:
            self._html.append(_items_in(blocks(item, self._final_env())) or "")

    def _last_item(self) -> str:
        if self._is_inside_item:
            return self._rest_of_item("", self._final_env())
        if self._last_size != self.size:
            self._last_html = _items_in(blocks(self.source(), self._final_env())) or ""
            self._last_size = self.size
        return self._last_html

    def _rest_of_item(self, last: str, env: dict[str, object]) -> str:
        """Render the rest of an item that began in an earlier piece: blocks without a marker."""
        source = "\n".join(_dedented(line, self._content) for line in [*self.lines, last])
        html = blocks(source, env) if source.strip() else ""
        return f'<li class="continued">{html}</li>\n' if html else ""

    def _wrap(self, items: str) -> str:
        if not items:
            return ""
        is_continued = self._finished_count or self._is_inside_item
        continued = ' class="continued"' if is_continued else ""
        if self._kind in "-+*":
            return f'<ul dir="auto"{continued}>\n{items}</ul>\n'
        start = self._number + self._finished_count
        numbered = f' start="{start}"' if start != 1 else ""
        return f'<ol dir="auto"{continued}{numbered}>\n{items}</ol>\n'

    def _draft_env(self) -> dict[str, object]:
        return self.context.draft_env(is_loose=self._is_loose)

    def _final_env(self) -> dict[str, object]:
        return self.context.final_env(is_loose=self._is_loose)


def _dedented(line: str, columns: int) -> str:
    return line[min(columns, lines.indent_of(line)) :]


def _items_in(html: str) -> str | None:
    """Return the inside of the HTML if it is exactly one list, else None."""
    tag = html[1:3]
    closing = f"</{tag}>\n"
    if tag not in {"ul", "ol"} or not html.endswith(closing) or not _is_one(html, tag):
        return None
    return html[html.index(">") + 2 : -len(closing)]


def _is_one(html: str, tag: str) -> bool:
    """Return whether the list that opens the HTML also ends it."""
    depth = position = 0
    while True:
        opened, closed = html.find(f"<{tag}", position), html.find(f"</{tag}>", position)
        if opened == -1 or closed < opened:
            depth -= 1
            position = closed + len(tag) + 3
            if depth == 0:
                return position >= len(html) - 1
        else:
            depth += 1
            position = opened + len(tag) + 1
