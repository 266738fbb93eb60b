"""The dialog of sharing: who has access to something, and who may be given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from accounts.access import groups_for
from accounts.models import Group, Membership
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows
from chat.models import Access, Conversation

if TYPE_CHECKING:
    from uuid import UUID

    from chat.models import AnyShare, LibraryItem

# More names would not fit on a phone. A search finds the others.
MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Sharing:
    """A conversation or an item of the library, with the owner who shares it."""

    thing: Conversation | LibraryItem
    membership: Membership
    # The address of its page, and those to which the dialog posts, by the words everyone, person and group.
    page: str
    urls: dict[str, str]

    @property
    def shares(self) -> Any:
        return self.thing.shares  # type: ignore[union-attr]  # all kinds of items have them


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A person or a group with a share, as the dialog shows them."""

    holder: Membership | Group
    # The field of the form, and its value.
    field: str
    value: int | UUID
    name: str
    initial: str
    # The line below the name.
    note: str
    can_write: bool
    # The role allows no more than reading, whatever the share says.
    only_reads: bool = False

    @property
    def key(self) -> str:
        """The end of the ids of the row's elements."""
        return f"{self.field}-{self.holder.pk}"


@dataclass(frozen=True, slots=True)
class FoundHolder:
    """A person or a group that a search finds."""

    field: str
    value: int | UUID
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """The people and groups that a search finds, as far as they are shown."""

    words: str
    shown: list[FoundHolder]
    # How many others there are.
    more: int


def sharing_context(sharing: Sharing) -> dict[str, Any]:
    """Return the context of the dialog, in a few queries for any number of people and groups."""
    thing, membership = sharing.thing, sharing.membership
    return {
        "thing": thing,
        "urls": sharing.urls,
        "can_publish": isinstance(thing, Conversation),
        "workspace": thing.workspace,
        "membership": membership,
        "access": thing.workspace_access,
        "accesses": Access.choices,
        "can_manage": allows(membership.role, Action.MANAGE_PEOPLE),
        "holders": holders_of(sharing),
        "found": holders_to_share_with(sharing, ""),
        "others": Membership.objects.filter(workspace=thing.workspace_id).count() - 1,
    }


def holders_of(sharing: Sharing) -> list[ShareRow]:
    """Return the groups and then the people that it is shared with one by one, each sorted by name."""
    shares = list(sharing.shares.select_related("member__user", "group"))
    writing = {share.group_id for share in shares if share.group_id is not None and share.can_write}
    sizes, writers = _sizes_of(shares), _members_of(writing)
    everyone_writes = sharing.thing.workspace_access == Access.WRITE
    name = sharing.thing.workspace.name
    groups, people = [], []
    for share in shares:
        if share.group is not None:
            is_surpassed = everyone_writes and not share.can_write
            note = f"Everyone in {name} can write" if is_surpassed else _size(sizes.get(share.group.pk, 0))
            groups.append(_row_of_group(share.group, note, can_write=share.can_write))
        elif share.member is not None:
            only_reads = _only_reads(share.member)
            # The address tells people of one name apart.
            note = address = share.member.user.email
            if not (share.can_write or only_reads):
                note = f"{address}. Everyone in {name} can write" if everyone_writes else note
                note = f"{address}. Can write as a member of a group" if share.member_id in writers else note
            people.append(_row_of_person(share.member, note, share.can_write, only_reads=only_reads))
    return sorted(groups, key=_by_name) + sorted(people, key=_by_name)


def holders_to_share_with(sharing: Sharing, words: str) -> Found:
    """Return the groups and members with all the words in their names who have no share yet.

    Groups come first, each sorted by name. Members find the groups that they are in.
    """
    thing, filters = sharing.thing, ListFilters(q=words)
    taken = sharing.shares
    groups = (
        groups_for(sharing.membership)
        .exclude(pk__in=taken.exclude(group=None).values("group"))
        .annotate(size=Count("members"))
    )
    members = (
        Membership.objects.filter(workspace=thing.workspace_id)
        .exclude(user=thing.owner_id)
        .exclude(pk__in=taken.exclude(member=None).values("member"))
        .select_related("user")
    )
    found = sorted(
        (FoundHolder("group", each.code, each.name, _size(each.size)) for each in groups), key=_by_name
    ) + sorted((_found_person(each) for each in members), key=_by_name)
    fitting = [each for each in found if filters.finds(each.name, each.note)]
    return Found(words, fitting[:MOST_FOUND], max(0, len(fitting) - MOST_FOUND))


def may_share_with(sharing: Sharing, group: Group) -> bool:
    """Return whether the owner may see a group, or sees it on the list already."""
    on_list = sharing.shares.filter(group=group)
    return groups_for(sharing.membership).filter(pk=group.pk).exists() or on_list.exists()


def _found_person(member: Membership) -> FoundHolder:
    note = f"{member.user.email}, a viewer, can only read" if _only_reads(member) else member.user.email
    return FoundHolder("person", member.pk, member.user.display_name, note)


def _row_of_person(member: Membership, note: str, can_write: bool, *, only_reads: bool) -> ShareRow:
    user = member.user
    return ShareRow(
        member, "person", member.pk, user.display_name, user.initial, note, can_write, only_reads=only_reads
    )


def _row_of_group(group: Group, note: str, *, can_write: bool) -> ShareRow:
    return ShareRow(group, "group", group.code, group.name, group.name[:1].upper(), note, can_write)


def _sizes_of(shares: list[AnyShare]) -> dict[int, int]:
    pks = [share.group_id for share in shares if share.group_id is not None]
    sizes = Group.objects.filter(pk__in=pks).annotate(size=Count("members")).values_list("pk", "size")
    return dict(sizes) if pks else {}


def _members_of(groups: set[int]) -> set[int]:
    through = Group.members.through.objects.filter(group__in=groups)
    return set(through.values_list("membership_id", flat=True)) if groups else set()


def _size(count: int) -> str:
    """
    >>> _size(1), _size(12)
    ('Group of 1 member', 'Group of 12 members')
    """
    return f"Group of {count} member{'' if count == 1 else 's'}"


def _only_reads(member: Membership) -> bool:
    return not allows(member.role, Action.SEND)


def _by_name(row: ShareRow | FoundHolder) -> tuple[str, str]:
    return (row.name.casefold(), str(row.value).zfill(20))
