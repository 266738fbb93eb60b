"""The difference of two versions, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from chat.prompts.content import PromptContent
from chat.prompts.outline import OutlinePart, is_long, outline

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
# The time of a comparison grows with the square of its parts, so longer changes are shown as a whole.
_MOST_LINES, _MOST_WORDS, _MOST_WORDS_IN_ALL = 1_000, 1_000, 6_000


# The lines that stay around a change, and the most unchanged ones that are shown as a whole.
_AROUND, _MOST_UNCHANGED = 3, 12


class WordPiece(NamedTuple):
    """A stretch of text; ``kind`` is "same", "added" or "removed".

    In a change it may be "skipped": the text then says how many lines are left out.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of a content that two versions have differently. ``kind`` is "added", "removed" or "changed"."""

    title: str
    kind: str
    pieces: tuple[WordPiece, ...]

    @property
    def is_long(self) -> bool:
        return is_long("".join(piece.text for piece in self.pieces))


def changes(before: PromptContent, after: PromptContent) -> tuple[PartChange, ...]:
    """Return the parts that differ, in the order of the page."""
    old = {part.key: part for part in outline(before)}
    new = {part.key: part for part in outline(after)}
    gone = [part for key, part in old.items() if key not in new]
    return (
        *(found for part in new.values() if (found := _change(old.get(part.key), part))),
        *(PartChange(part.title, "removed", (WordPiece("removed", part.text),)) for part in gone),
    )


def _change(old: OutlinePart | None, new: OutlinePart) -> PartChange | None:
    if old is None:
        return PartChange(new.title, "added", (WordPiece("added", new.text),))
    if (old.title, old.text) == (new.title, new.text):
        return None
    # A message whose role alone has changed shows it in its title.
    title = new.title if old.title == new.title else f"{new.title}, before: {old.title}"
    pieces = word_changes(old.text, new.text)
    last = len(pieces) - 1
    shown = [part for at, each in enumerate(pieces) for part in _shortened(each, at == 0, at == last)]
    return PartChange(title, "changed", tuple(shown))


def _shortened(piece: WordPiece, is_first: bool, is_last: bool) -> Iterator[WordPiece]:
    """Yield a stretch without the unchanged lines that are far from a change."""
    lines = piece.text.splitlines(keepends=True) if piece.kind == "same" else []
    if len(lines) <= _MOST_UNCHANGED:
        yield piece
        return
    start, end = 0 if is_first else _AROUND, len(lines) - (0 if is_last else _AROUND)
    if start:
        yield WordPiece("same", "".join(lines[:start]))
    yield WordPiece("skipped", f"{end - start:,} unchanged lines")
    if end < len(lines):
        yield WordPiece("same", "".join(lines[end:]))


def word_changes(before: str, after: str) -> tuple[WordPiece, ...]:
    """Return the text of both, with what was removed before what was added.

    >>> [tuple(each) for each in word_changes("a red car", "a blue car")]
    [('same', 'a '), ('removed', 'red'), ('added', 'blue'), ('same', ' car')]
    """
    found = list[WordPiece]()
    left = _MOST_WORDS_IN_ALL
    for kind, old, new in _compared(
        before.splitlines(keepends=True), after.splitlines(keepends=True), _MOST_LINES
    ):
        if kind != "replace":
            found += _whole(old, new)
            continue
        words = _WORDS.findall("".join(old)), _WORDS.findall("".join(new))
        most = min(_MOST_WORDS, left)
        left -= max(map(len, words)) if max(map(len, words)) <= most else 0
        for _, gone, come in _compared(*words, most):
            found += _whole(gone, come)
    return tuple(_joined(found))


def _whole(old: list[str], new: list[str]) -> Iterator[WordPiece]:
    if old == new:
        yield WordPiece("same", "".join(old))
        return
    yield WordPiece("removed", "".join(old))
    yield WordPiece("added", "".join(new))


def _compared(old: list[str], new: list[str], most: int) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield stretches of two lists in order.

    If more than ``most`` items lie between the equal ends of both, they are one stretch.
    """
    shorter = min(len(old), len(new))
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    middle = old[start : len(old) - end], new[start : len(new) - end]
    yield "equal", old[:start], old[:start]
    if max(map(len, middle)) > most:
        yield "replace", *middle
    else:
        for kind, a, b, c, d in SequenceMatcher(None, *middle).get_opcodes():
            yield kind, middle[0][a:b], middle[1][c:d]
    yield "equal", old[len(old) - end :], old[len(old) - end :]


def _joined(pieces: list[WordPiece]) -> Iterator[WordPiece]:
    """Join neighbours of a kind, and leave out empty ones."""
    kind, text = "", ""
    for piece in pieces:
        if piece.text and piece.kind == kind:
            text += piece.text
        elif piece.text:
            if text:
                yield WordPiece(kind, text)
            kind, text = piece
    if text:
        yield WordPiece(kind, text)
