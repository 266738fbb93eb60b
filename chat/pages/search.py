"""The search for conversations: by their titles, and by all words of their messages.

A search reads the folded texts from the newest to the oldest message and stops at enough results. An index of
trigrams would need three characters, and a Chinese word has two; it would take three times the space of the
texts on SQLite, and an extension on PostgreSQL that ordinary roles may not create.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Value
from django.db.models.functions import Coalesce, Left, StrIndex

from accounts.folding import fold
from accounts.names import one_line
from chat.models import Message

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from chat.models import Conversation

# Databases refuse to search for much longer texts.
LONGEST_SEARCH = 200
# Messages that one search reads at most, the newest ones: 0.2 s on a small machine.
MOST_MESSAGES = 50_000
# Hits that are read to find enough conversations.
MOST_HITS = 2_000
# Characters of a message in which its hit is shown as it was written, and those before and behind the hit.
_READ = 20_000
_BEFORE, _AFTER = 36, 90
# The key of the conversation that a list shows for a message.
_LISTED = Coalesce("conversation__column_of", "conversation")
# Characters that are compared one by one to find the place of a hit with accents.
_WINDOW = 3_000
# A letter with its accents, the marks of its sound in kana, or the further parts of its syllable in Hangul.
_CLUSTER = re.compile(r"\s+|.[\u0300-\u036f\u3099\u309a\uff9e\uff9f\u1160-\u11ff]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words of a message around a hit."""

    before: str
    hit: str
    after: str


def words_of(query: str) -> str:
    """Return the query as it is compared, empty if there is nothing to search for."""
    return fold(query[:LONGEST_SEARCH]).strip()


def found_by_title(conversations: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    return conversations.filter(folded_title__contains=words)


def found_in_messages(conversations: QuerySet[Conversation], words: str, most: int) -> dict[int, int]:
    """Return the newest message with the words of each conversation, by the keys of both.

    A message in a column is one of its comparison.
    """
    readable = Message.objects.filter(conversation__in=conversations.order_by()).order_by("-pk")
    oldest = readable.values_list("pk", flat=True)[MOST_MESSAGES : MOST_MESSAGES + 1].first()
    if oldest is not None:
        readable = readable.filter(pk__gt=oldest)
    hits = readable.filter(folded__contains=words).values_list(_LISTED, "pk")[:MOST_HITS]
    found: dict[int, int] = {}
    for conversation, message in hits.iterator():
        found.setdefault(conversation, message)
        if len(found) >= most:
            break
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A message with the words, and the text around them unless they are far inside a long message."""

    message: UUID
    excerpt: Excerpt | None


def hits_in(messages: list[int], words: str) -> dict[int, Hit]:
    """Return the hit of each message, by its conversation or comparison."""
    rows = (
        Message.objects.filter(pk__in=messages)
        .annotate(place=StrIndex("folded", Value(words)), start=Left("text", _READ))
        .values_list(_LISTED, "code", "start", "place")
    )
    return {
        conversation: Hit(code, excerpt(start, words, place - 1)) for conversation, code, start, place in rows
    }


def excerpt(text: str, words: str, place: int) -> Excerpt | None:
    """Return the words around the first hit, as they were written; None if it is not near that place.

    ``place`` is that of the hit in the folded text, which is about its place in the text.

    >>> excerpt("Une recette d'Éclair au café", "eclair", 14)
    Excerpt(before="Une recette d'", hit='Éclair', after=' au café')
    """
    span = _plain_span(text, words) or _folded_span(text, words, place)
    if span is None:
        return None
    start, end = span
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    if start > _BEFORE:
        # A word that is cut at its beginning is left out, unless its script has no spaces.
        before = f"…{re.sub(r'^[^ ]{0,12} ', '', _line(before))}"
    return Excerpt(
        _line(before).lstrip(),
        _line(text[start:end]),
        _line(after).rstrip() + "…" * (len(text) > end + _AFTER),
    )


def _line(text: str) -> str:
    """Return one line that keeps a space at both ends."""
    line = one_line(text)
    if not line:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{line}{' ' if text[-1].isspace() else ''}"


def _plain_span(text: str, words: str) -> tuple[int, int] | None:
    """Find words that differ in case alone, and only by letters of equal length."""
    lowered = text.casefold()
    start = lowered.find(words) if len(lowered) == len(text) else -1
    if start < 0:
        return None
    end = start + len(words)
    while unicodedata.combining(text[end : end + 1] or "a"):
        end += 1
    return start, end


def _folded_span(text: str, words: str, place: int) -> tuple[int, int] | None:
    """Find words that differ in more, around their place in the folded text."""
    # Folded texts are mostly shorter; a text in decomposed form has up to twice the length.
    begin = max(0, place - _WINDOW // 3)
    # Marks must not be apart from their letters.
    while begin and unicodedata.combining(text[begin : begin + 1] or "a"):
        begin -= 1
    folded, ends = [], []
    for cluster in _CLUSTER.finditer(text, begin, begin + _WINDOW):
        piece = fold(cluster[0])
        folded.append(piece)
        ends += [cluster.span()] * len(piece)
    start = "".join(folded).find(words)
    return (ends[start][0], ends[start + len(words) - 1][1]) if start >= 0 else None
