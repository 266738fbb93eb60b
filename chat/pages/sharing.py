"""The dialog of sharing: with whom a conversation is shared, and the people whom it may be shared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.models import Membership
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows
from chat.models import Access, Share

if TYPE_CHECKING:
    from chat.access import Grant
    from chat.models import Conversation

# More names would not fit on a phone. A search finds the others.
MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with a share, as the dialog shows them."""

    member: Membership
    can_write: bool
    # The role allows no more than reading, whatever the share says.
    only_reads: bool
    # The whole workspace may do more than the share allows.
    is_surpassed: bool


@dataclass(frozen=True, slots=True)
class FoundPerson:
    member: Membership
    only_reads: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The people that a search finds, as far as they are shown."""

    words: str
    shown: list[FoundPerson]
    # How many others there are.
    more: int


def sharing_context(grant: Grant) -> dict[str, Any]:
    """Return the context of the dialog, in four queries for any number of people."""
    conversation = grant.conversation
    return {
        "conversation": conversation,
        "workspace": conversation.workspace,
        "membership": grant.membership,
        "access": conversation.workspace_access,
        "accesses": Access.choices,
        "can_manage": allows(grant.membership.role, Action.MANAGE_PEOPLE),
        "people": people_of(conversation),
        "found": people_to_share_with(conversation, ""),
        "others": Membership.objects.filter(workspace=conversation.workspace_id).count() - 1,
    }


def people_of(conversation: Conversation) -> list[PersonRow]:
    """Return the people that it is shared with one by one, sorted by name."""
    everyone_writes = conversation.workspace_access == Access.WRITE
    shares = Share.objects.filter(conversation=conversation).select_related("member__user")
    rows = [
        PersonRow(
            share.member,
            can_write=share.can_write,
            only_reads=(only_reads := _only_reads(share.member)),
            is_surpassed=everyone_writes and not share.can_write and not only_reads,
        )
        for share in shares
    ]
    return sorted(rows, key=lambda row: _by_name(row.member))


def people_to_share_with(conversation: Conversation, words: str) -> Found:
    """Return the members with all the words in name or address who have no share yet, sorted by name."""
    have_one = Share.objects.filter(conversation=conversation).values("member")
    members = (
        Membership.objects.filter(workspace=conversation.workspace_id)
        .exclude(user=conversation.owner_id)
        .exclude(pk__in=have_one)
        .select_related("user")
    )
    filters = ListFilters(q=words)
    fitting = [member for member in members if filters.finds(member.user.display_name, member.user.email)]
    shown = sorted(fitting, key=_by_name)[:MOST_FOUND]
    people = [FoundPerson(member, _only_reads(member)) for member in shown]
    return Found(words, people, len(fitting) - len(shown))


def _only_reads(member: Membership) -> bool:
    return not allows(member.role, Action.SEND)


def _by_name(member: Membership) -> tuple[str, int]:
    return (member.user.display_name.casefold(), member.pk)
