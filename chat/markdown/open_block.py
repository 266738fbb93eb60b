"""The open block: its interface, and the implementation for blocks that are rendered from their lines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from chat.markdown.escape import MARK
from chat.markdown.leaf import Leaf, has_place, is_fence_or_blank, is_undecided, split, split_code
from chat.markdown.whole import blocks

if TYPE_CHECKING:
    from chat.markdown.context import Context

# A block whose source is longer is cut, so that its cost does not grow with its length. The pieces join
# without a gap, and the complete answer is rendered as a whole.
CUT = 1_600

# How much a block must have grown to be parsed again while its last line is not complete.
WAIT = 1.06


class OpenBlock(Protocol):
    """A block that may still take lines."""

    def accepts(self, line: str) -> bool:
        """Return whether the next complete line belongs to the block."""

    def add(self, line: str) -> None: ...

    @property
    def is_closed(self) -> bool:
        """True if no further line can belong to the block."""

    def cut(self, partial: str) -> tuple[list[str], str]:
        """Return final HTML that is split off because the block is too long, and the rest of the line."""

    def finished(self) -> str:
        """Return the final HTML."""

    def preview(self, partial: str) -> str:
        """Return the HTML for now, with an unfinished last line."""


class SourceBlock:
    """A block that is kept as its lines and rendered from them."""

    def __init__(self, context: Context, draft: SourceBlock | None = None) -> None:
        """Start an empty block; ``draft`` is the same block as shown before its first line was complete."""
        self.context = context
        self.lines: list[str] = []
        self.size = 0
        self.is_continued = False
        # Whether the first line continues a piece before, so that it cannot start a block.
        self._is_inside_line = False
        self._leaf: Leaf | None = draft._leaf if draft else None
        self._leaf_key: tuple[int, str] | None = draft._leaf_key if draft else None
        # Prefix and text of the line above, if the leaf has shown it to its end.
        self._above: tuple[str, str] | None = None
        # The HTML that was last shown, and the size of its source.
        self._shown = ""
        self._shown_size = -1

    @property
    def is_closed(self) -> bool:
        return False

    def add(self, line: str) -> None:
        self._complete_leaf(line)
        self.lines.append(line)
        self.size += len(line) + 1
        self._is_inside_line = False

    def _complete_leaf(self, line: str) -> None:
        """Show the line to its end with the same leaf, so that it is not parsed again."""
        self._above = None
        if self._leaf is None or self._leaf_key is None:
            return
        size, prefix = self._leaf_key
        if size == self.size and line.startswith(prefix):
            self._above = prefix, line[len(prefix) :]
            self._shown = self._leaf.html(self._above[1])
            self._shown_size = self.size + len(line) + 1

    def source(self) -> str:
        return "\n".join(self.lines)

    def finished(self) -> str:
        html = blocks(self.source(), self.context.final_env())
        return as_continued(html) if self.is_continued else html

    def cut(self, partial: str) -> tuple[list[str], str]:
        if self.size + len(partial) <= CUT:
            return [], partial
        # Complete lines are cut off first; the unfinished one then continues as the next piece.
        is_inside_line = not self.size
        if is_inside_line:
            piece, partial = cut_at(partial)
            self.lines = [piece]
        html = self.finished()
        self.is_continued = True
        self.start_over(is_inside_line=is_inside_line)
        return [html], partial

    def start_over(self, *, is_inside_line: bool = False) -> None:
        """Forget the source, whose HTML is final."""
        self.lines, self.size, self._is_inside_line = [], 0, is_inside_line
        self.forget_shown()

    def forget_shown(self) -> None:
        self._leaf = self._leaf_key = self._above = None
        self._shown, self._shown_size = "", -1

    def continue_leaf(self) -> None:
        """Forget the source but not the line being written, which is the first of the rest."""
        leaf, key = self._leaf, self._leaf_key
        is_same_line = key is not None and key[0] == self.size
        self.start_over()
        if is_same_line and key is not None:
            self._leaf, self._leaf_key = leaf, (0, key[1])

    def add_blank(self) -> None:
        """Add a blank line, which changes nothing in the HTML yet."""
        if self._shown_size == self.size:
            self._shown_size += 1
        self._above = None
        self.lines.append("")
        self.size += 1

    def preview(self, partial: str) -> str:
        """Return HTML with the unfinished line. Its last words may be missing until the next parse."""
        size = self.size
        if self._is_waiting(partial):
            partial = ""
        elif leaf := self._leaf_for(partial):
            self._shown, self._shown_size = leaf[0].html(leaf[1]), size + len(partial)
            return self._shown
        size += len(partial)
        # The whole block has to be parsed, so that is not done for every few letters.
        if self._shown_size < self.size or size > self._shown_size * WAIT:
            self._shown, self._shown_size = self._unfinished(partial), size
        return self._shown

    def _is_waiting(self, partial: str) -> bool:
        """Return whether the unfinished line is too short to decide what it is."""
        if self._is_inside_line:
            return False
        return is_fence_or_blank(partial) if self._is_in_code else is_undecided(partial)

    @property
    def _is_in_code(self) -> bool:
        return self._above is not None and self._leaf is not None and self._leaf.is_code

    def _leaf_for(self, partial: str) -> tuple[Leaf, str] | None:
        if self._is_inside_line:
            parts: tuple[str, str] | None = ("", partial)
        elif self._is_in_code:
            parts = split_code(partial)
        else:
            parts = split(partial)
        if parts is None:
            return None
        prefix, text = parts
        if self._leaf_key != (self.size, prefix):
            self._leaf = self._next_leaf(prefix)
            self._leaf_key = self.size, prefix
        return (self._leaf, text) if self._leaf else None

    def _next_leaf(self, prefix: str) -> Leaf | None:
        """Make the leaf of a new line: from the line above if that is of the same kind, else from the
        block."""
        if self._leaf is not None and self._above is not None:
            leaf = self._leaf.followed_by(prefix, *self._above)
            if leaf is not None:
                return leaf
        html = self._unfinished(prefix + MARK) if self.size else self._started(prefix)
        return Leaf(html, prefix, self.context.draft_env()) if has_place(html) else None

    def _started(self, prefix: str) -> str:
        html = around(prefix)
        return as_continued(html) if self.is_continued else html

    def _unfinished(self, last: str) -> str:
        source = "\n".join([*self.lines, last]) if last else self.source()
        html = blocks(source, self.context.draft_env()) if source else ""
        return as_continued(html) if self.is_continued else html


# Most paragraphs and list items begin in one of a few ways.
@lru_cache(maxsize=256)
def around(prefix: str) -> str:
    """Return HTML of a block whose prefix alone is known, with the mark at the place of its text."""
    return blocks(prefix + MARK, {"colours": 0})


def cut_at(line: str) -> tuple[str, str]:
    """Cut a line that is too long in two, after a space if there is one."""
    end = line.rfind(" ") + 1 or len(line)
    return line[:end], line[end:]


def as_continued(html: str) -> str:
    """Mark the first element of a piece, so that it joins the piece before without a gap.

    >>> as_continued('<p dir="auto">a</p>')
    '<p class="continued" dir="auto">a</p>'
    """
    name_end = min((end for end in (html.find(" "), html.find(">")) if end > 0), default=0)
    if not html.startswith("<") or 'class="' in html[: html.find(">")]:
        return html
    return f'{html[:name_end]} class="continued"{html[name_end:]}'
