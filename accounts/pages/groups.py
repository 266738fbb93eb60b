"""The groups of a workspace, the members of one of them, and the groups of members as lists show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, prefetch_related_objects

from accounts.access import groups_for
from accounts.models import Group, Membership
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.paginator import Page
    from django.db.models import QuerySet

PER_PAGE = 50
# More names would push the members out of sight; a search finds the others.
MOST_PEOPLE = 8


@dataclass(frozen=True, slots=True)
class GroupRow:
    group: Group
    size: int


@dataclass(frozen=True, slots=True)
class GroupList:
    page: Page[GroupRow]
    # The number of groups that the member may see, whatever the filters.
    total: int


def groups_page(viewer: Membership, filters: ListFilters) -> GroupList:
    """Return the page of groups that the filters ask for, by name. Members see their own groups."""
    groups = groups_for(viewer).annotate(size=Count("members"))
    rows = [GroupRow(group, group.size) for group in groups]
    found = sorted((row for row in rows if filters.finds(row.group.name)), key=_by_name_of_group)
    return GroupList(Paginator(found, PER_PAGE).get_page(filters.page or 1), len(rows))


def show_groups(viewer: Membership, members: Sequence[Membership]) -> None:
    """Give each member the list ``shown_groups``: their groups by name, as far as the viewer may see them."""
    seen = members if allows(viewer.role, Action.MANAGE_PEOPLE) else [one for one in members if one == viewer]
    groups = Group.objects.order_by("name_key")
    prefetch_related_objects(seen, Prefetch("groups", queryset=groups, to_attr="shown_groups"))


def members_of_group(group: Group, filters: ListFilters) -> Page[Membership]:
    """Return the page of the group's members that the filters ask for, by name."""
    return Paginator(_found(group.members.all(), filters), PER_PAGE).get_page(filters.page or 1)


@dataclass(frozen=True, slots=True)
class PeopleToAdd:
    """The members outside of a group that a search finds."""

    words: str
    found: list[Membership]

    @property
    def shown(self) -> list[Membership]:
        return self.found[:MOST_PEOPLE]

    @property
    def more(self) -> int:
        return len(self.found) - len(self.shown)


def people_to_add(group: Group, words: str) -> PeopleToAdd:
    """Return the members outside of the group whose name or address has all the words."""
    filters = ListFilters.of({"q": words})
    outside = Membership.objects.filter(workspace=group.workspace_id).exclude(groups=group)
    return PeopleToAdd(filters.q, _found(outside, filters))


def _found(members: QuerySet[Membership], filters: ListFilters) -> list[Membership]:
    everyone = members.select_related("user")
    found = [member for member in everyone if filters.finds(member.user.display_name, member.user.email)]
    return sorted(found, key=_by_name_of_member)


def _by_name_of_group(row: GroupRow) -> tuple[str, int]:
    return (row.group.name_key, row.group.pk)


def _by_name_of_member(member: Membership) -> tuple[str, int]:
    return (member.user.display_name.casefold(), member.pk)
