"""Frames with the people who have a conversation open, and those who are writing in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.template.loader import get_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chat.live.presence import Present

# The marks that fit beside a title; the others are counted.
MOST_SHOWN = 5


def mark_of(people: Sequence[Present]) -> str:
    """Return a mark of what a page shows of these people; it is empty if there are none."""
    if not people:
        return ""
    text = "\n".join(f"{each.name}\t{each.is_writing}" for each in people)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def writing_words(names: Sequence[str]) -> str:
    """
    >>> writing_words(["Ana"]), writing_words(["Ana", "Ben"])
    ('Ana is writing …', 'Ana and Ben are writing …')
    >>> writing_words(["Ana", "Ben", "Cy"]), writing_words([])
    ('3 people are writing …', '')
    """
    if len(names) > 2:
        return f"{len(names)} people are writing …"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} writing …" if names else ""


def company_html(code: UUID, people: Sequence[Present]) -> str:
    context = {
        "code": code,
        "mark": mark_of(people),
        "shown": people[:MOST_SHOWN],
        "more": max(0, len(people) - MOST_SHOWN),
        "names": ", ".join(each.name for each in people),
        "writing": writing_words([each.name for each in people if each.is_writing]),
    }
    return get_template("chat/frames/company.html").render(context)
