"""The list of conversations: the pinned ones, then the others, newest first, grouped by date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.template.loader import get_template
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.prepared import prepared
from chat.access import visible_conversations, with_place, with_sharing
from chat.models import Conversation, Placement, Run
from chat.pages.list_part import PORTION, ListCursor, ListPart
from chat.pages.search import Excerpt, Hit, found_by_title, found_in_messages, hits_in, words_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Membership
    from chat.access import Grant

_NO_CODE = str(UUID(int=0))
# Conversations that one search finds by their messages.
MOST_FOUND = 900


@dataclass(frozen=True, slots=True)
class ConversationRow:
    code: UUID
    title: str
    url: str
    is_current: bool
    is_comparison: bool
    # Whether an answer is being written, in any column of a comparison.
    is_live: bool
    is_mine: bool
    # Whether anybody but its owner may read it.
    is_shared: bool
    # Whether a mark says that it is archived: not in the list of those.
    is_archived: bool
    owner_initial: str
    owner_name: str
    # The words around the hit of a search in a message.
    excerpt: Excerpt | None = None

    @property
    def html(self) -> str:
        return _html_of(self)


# A prompt brings the list twice, and most of its rows are as they were.
@lru_cache(maxsize=4096)
def _html_of(row: ConversationRow) -> str:
    return get_template("chat/_sidebar_row.html").render({"row": row})


@dataclass(frozen=True, slots=True)
class ConversationGroup:
    # Empty if the group continues the last one of the portion before.
    label: str
    rows: list[ConversationRow]


@dataclass(frozen=True, slots=True)
class ConversationList:
    """A part of the list, and the addresses of the same part and of the next portion."""

    groups: list[ConversationGroup]
    query: str
    is_archived: bool
    is_shared: bool
    is_continued: bool
    # Whether this is the part that every page shows at first and that frames bring.
    is_default: bool
    url: str
    more_url: str
    # The list ends here, and there are archived conversations.
    leads_to_archived: bool


def conversation_list(
    membership: Membership, current: UUID | None = None, part: ListPart | None = None
) -> ConversationList:
    """Return a part of the conversations that this member sees; the first portion by default."""
    part = part or ListPart()
    words = words_of(part.query)
    hits: dict[int, Hit] = {}
    rows, found_here = _rows(membership, part, words)
    rows, is_cut = rows[: part.rows], len(rows) > part.rows
    if found_here:
        hits = hits_in([found_here[row.pk] for row in rows if row.pk in found_here], words)
    is_plain = not (words or part.is_archived or part.is_shared)
    member = {"user": membership.user_id, "workspace": membership.workspace_id}
    may_be_pinned = is_plain and part.after is None and _may_have(rows, "has_pinned")
    pinned = _pinned(**member) if may_be_pinned else []

    def group(label: str, members: list[Conversation]) -> ConversationGroup:
        return ConversationGroup(
            label,
            [_row(each, membership, current, hits.get(each.pk), part=part) for each in members],
        )

    dated = _by_date(rows, part.after)
    groups = [("Pinned", pinned), *dated] if pinned else dated
    return ConversationList(
        groups=[group(label, members) for label, members in groups],
        query=part.query,
        is_archived=part.is_archived,
        is_shared=part.is_shared,
        is_continued=part.after is not None,
        is_default=part == ListPart(),
        url=_url(membership, current, part),
        more_url=_url(membership, current, part, ListCursor(rows[-1].updated_at, rows[-1].pk))
        if is_cut
        else "",
        leads_to_archived=is_plain and not is_cut and _has_archived(rows, member),
    )


def _rows(membership: Membership, part: ListPart, words: str) -> tuple[list[Conversation], dict[int, int]]:
    """Return the rows of a part, and one more if there are more, and the messages that a search has found."""
    if part == ListPart():
        return _first_rows(user=membership.user_id, workspace=membership.workspace_id), {}
    listed = _listed(membership.user, membership.workspace)
    if part.is_shared:
        listed = listed.exclude(owner=membership.user_id)
    found_here: dict[int, int] = {}
    if words:
        readable = visible_conversations(membership.user, membership.workspace).filter(is_temporary=False)
        found_here = found_in_messages(_after(readable, part.after), words, MOST_FOUND)
        listed = _after(listed, part.after)
        # Archived ones too.
        conversations = found_by_title(listed, words) | listed.filter(pk__in=found_here)
    else:
        place = Placement.Place.ARCHIVED if part.is_archived else None
        conversations = _after(_placed(listed, membership.user, place), part.after)
    return list(_shown(conversations, membership.user)[: part.rows + 1]), found_here


@prepared(user=BigIntegerField(), workspace=BigIntegerField())
def _first_rows(user: Any, workspace: Any) -> QuerySet[Conversation]:
    """Return the rows that every page begins with, and one more if there are more."""
    visible = _listed(user, workspace)
    archived = _placed(visible, user, Placement.Place.ARCHIVED)
    pinned = _placed(visible, user, Placement.Place.PINNED)
    rows = _shown(_placed(visible, user, None), user)
    return rows.annotate(has_archived=Exists(archived), has_pinned=Exists(pinned))[: PORTION + 1]


def _has_archived(rows: list[Conversation], member: dict[str, int]) -> bool:
    """Return whether the member has archived conversations."""
    is_known = rows and "has_archived" in vars(rows[0])
    return _may_have(rows, "has_archived") if is_known else bool(_any_archived(**member))


def _may_have(rows: list[Conversation], name: str) -> bool:
    """Return what the first rows of a list know of other ones; True if they do not know it."""
    return bool(vars(rows[0]).get(name, True)) if rows else True


@prepared(user=BigIntegerField(), workspace=BigIntegerField())
def _pinned(user: Any, workspace: Any) -> QuerySet[Conversation]:
    return _shown(_placed(_listed(user, workspace), user, Placement.Place.PINNED), user)


@prepared(user=BigIntegerField(), workspace=BigIntegerField())
def _any_archived(user: Any, workspace: Any) -> QuerySet[Conversation, Any]:
    archived = _placed(_listed(user, workspace), user, Placement.Place.ARCHIVED)
    return archived.order_by().values_list("pk")[:1]


def _listed(user: Any, workspace: Any) -> QuerySet[Conversation]:
    """Return the conversations that a list may show: a comparison is listed, its columns are not.

    Temporary chats are in no list.
    """
    return visible_conversations(user, workspace).filter(column_of=None, is_temporary=False)


def _placed(
    conversations: QuerySet[Conversation], user: Any, place: Placement.Place | None
) -> QuerySet[Conversation]:
    """Keep the conversations with that place in the user's list, or those without any."""
    placements = Placement.objects.filter(user=user)
    if place is None:
        return conversations.filter(~Exists(placements.filter(conversation=OuterRef("pk"))))
    # Few conversations have a place, so the database begins with those.
    return conversations.filter(pk__in=placements.filter(place=place).values("conversation"))


def _after(conversations: QuerySet[Conversation], cursor: ListCursor | None) -> QuerySet[Conversation]:
    if cursor is None:
        return conversations
    return conversations.filter(
        Q(updated_at__lt=cursor.updated_at) | Q(updated_at=cursor.updated_at, pk__lt=cursor.pk)
    )


def _shown(conversations: QuerySet[Conversation], user: Any) -> QuerySet[Conversation]:
    """Read what a row shows, in one query for all rows."""
    live = Run.objects.filter(status__in=Run.LIVE)
    own, in_columns = ({name: OuterRef("pk")} for name in ("conversation", "conversation__column_of"))
    return (
        with_place(with_sharing(conversations), user)
        .select_related("owner")
        .only("code", "title", "updated_at", "is_comparison", "owner__name", "owner__email")
        .annotate(is_live=Exists(live.filter(**own)) | Exists(live.filter(**in_columns)))
        .order_by("-updated_at", "-pk")
    )


def _by_date(rows: list[Conversation], after: ListCursor | None) -> list[tuple[str, list[Conversation]]]:
    today = localdate()
    groups = groupby(rows, key=lambda conversation: heading(localdate(conversation.updated_at), today))
    dated = [(label, list(members)) for label, members in groups]
    if after and dated and dated[0][0] == heading(localdate(after.updated_at), today):
        dated[0] = ("", dated[0][1])
    return dated


@cache
def _address_of_rows(name: str) -> str:
    """Return the address of a conversation with another code in the place of its own."""
    return reverse(name, args=[_NO_CODE])


def row_of(grant: Grant, current: UUID, *, is_live: bool) -> ConversationRow:
    """Return the row of a conversation among those that are not archived, from what its grant has."""
    conversation = grant.conversation
    vars(conversation).update(is_live=is_live, is_shared=grant.is_shared, place=grant.place)
    return _row(conversation, grant.membership, current, None, ListPart())


def _row(
    conversation: Conversation, membership: Membership, current: UUID | None, hit: Hit | None, part: ListPart
) -> ConversationRow:
    name = "chat:comparison" if conversation.is_comparison else "chat:conversation"
    url = _address_of_rows(name).replace(_NO_CODE, str(conversation.code))
    if hit is not None:
        url += f"?{urlencode({'at': hit.message, 'q': words_of(part.query)})}"
    return ConversationRow(
        code=conversation.code,
        title=conversation.title,
        url=url,
        is_current=conversation.code == current,
        is_comparison=conversation.is_comparison,
        is_live=conversation.is_live,  # type: ignore[attr-defined]  # annotated above
        is_mine=conversation.owner_id == membership.user_id,
        is_shared=conversation.is_shared,  # type: ignore[attr-defined]
        is_archived=not part.is_archived and conversation.place == Placement.Place.ARCHIVED,  # type: ignore[attr-defined]
        owner_initial=conversation.owner.initial,
        owner_name=conversation.owner.display_name,
        excerpt=hit.excerpt if hit is not None else None,
    )


def _url(
    membership: Membership, current: UUID | None, part: ListPart, after: ListCursor | None = None
) -> str:
    fields = {
        "q": part.query,
        "archived": "true" if part.is_archived else "",
        "shared": "me" if part.is_shared else "",
        "current": current or "",
        "after": after or "",
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{reverse('chat:search', args=[membership.workspace.slug])}?{query}"


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
