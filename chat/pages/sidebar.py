"""The list of conversations, newest first, grouped by date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.timezone import localdate

from chat.access import visible_conversations, with_sharing
from chat.models import Conversation, Run
from chat.pages.search import Excerpt, Hit, found_by_title, found_in_messages, hits_in, words_of

if TYPE_CHECKING:
    from accounts.models import Membership

# Older conversations are found by searching; nobody reads a longer list.
ROWS = 200


@dataclass(frozen=True, slots=True)
class ConversationRow:
    code: UUID
    title: str
    url: str
    is_current: bool
    is_live: bool
    is_mine: bool
    # Whether anybody but its owner may read it.
    is_shared: bool
    owner_initial: str
    owner_name: str
    # The words around the hit of a search in a message.
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class ConversationGroup:
    label: str
    rows: list[ConversationRow]


def sidebar_groups(
    membership: Membership, current: UUID | None = None, query: str = ""
) -> list[ConversationGroup]:
    """Return the conversations that this member sees; ``query`` searches titles and messages."""
    conversations = visible_conversations(membership.user, membership.workspace)
    hits: dict[int, Hit] = {}
    if words := words_of(query):
        found_here = found_in_messages(conversations, words, ROWS)
        hits = hits_in(list(found_here.values()), words)
        conversations = found_by_title(conversations, words) | conversations.filter(pk__in=found_here)
    live = Run.objects.filter(conversation=OuterRef("pk"), status__in=Run.LIVE)
    shown = with_sharing(conversations).select_related("owner").annotate(is_live=Exists(live))
    found = shown.order_by("-updated_at")[:ROWS]
    today = localdate()
    groups = groupby(found, key=lambda conversation: heading(localdate(conversation.updated_at), today))
    return [
        ConversationGroup(
            label,
            [
                _row(conversation, membership, current, hits.get(conversation.pk), words)
                for conversation in group
            ],
        )
        for label, group in groups
    ]


def _row(
    conversation: Conversation, membership: Membership, current: UUID | None, hit: Hit | None, words: str
) -> ConversationRow:
    url = reverse("chat:conversation", args=[conversation.code])
    if hit is not None:
        url += f"?{urlencode({'at': hit.message, 'q': words})}"
    return ConversationRow(
        code=conversation.code,
        title=conversation.title,
        url=url,
        is_current=conversation.code == current,
        is_live=conversation.is_live,  # type: ignore[attr-defined]  # annotated above
        is_mine=conversation.owner_id == membership.user_id,
        is_shared=conversation.is_shared,  # type: ignore[attr-defined]
        owner_initial=conversation.owner.initial,
        owner_name=conversation.owner.display_name,
        excerpt=hit.excerpt if hit is not None else None,
    )


def heading(day: date, today: date) -> str:
    """
    >>> heading(date(2026, 3, 1), date(2026, 3, 2))
    'Yesterday'
    """
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=7):
        return "Last week"
    return f"{day:%B}" if day.year == today.year else f"{day:%B %Y}"
