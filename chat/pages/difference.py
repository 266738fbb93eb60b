"""The difference of the last answers of two columns, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from chat.models import Message
from chat.prompts.differences import word_changes

if TYPE_CHECKING:
    from chat.access import Grant
    from chat.columns import Compared

# Longer answers are compared up to here.
MOST_CHARACTERS = 60_000


def difference_context(compared: Compared, names: list[str], before: str, after: str) -> dict[str, Any]:
    """Return the context of the difference; by default that of the first two columns."""
    columns = compared.columns
    first = _chosen(columns, before) or columns[0]
    second = _chosen(columns, after) or next((each for each in columns if each is not first), first)
    texts = [_answer_of(first), _answer_of(second)]
    return {
        "entry": compared.entry.conversation,
        "choices": [
            (column.conversation.code, place + 1, names[place]) for place, column in enumerate(columns)
        ],
        "before": first.conversation.code,
        "after": second.conversation.code,
        "is_cut": max(map(len, texts)) > MOST_CHARACTERS,
        "are_missing": not all(texts),
        "pieces": word_changes(*(text[:MOST_CHARACTERS] for text in texts)) if all(texts) else (),
    }


def _chosen(columns: list[Grant], code: str) -> Grant | None:
    try:
        wanted = UUID(code)
    except ValueError:
        return None
    return next((each for each in columns if each.conversation.code == wanted), None)


def _answer_of(column: Grant) -> str:
    """Return the text of the last answer that has ended, empty if there is none."""
    head = column.conversation.head
    return head.text if head is not None and head.role == Message.Role.ASSISTANT else ""
