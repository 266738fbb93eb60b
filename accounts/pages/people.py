"""The members of a workspace as its page lists them: searched, sorted, forty at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from django.core.paginator import Paginator

from accounts.factors import people_with_factors
from accounts.flows.change_membership import may_change
from accounts.models import Membership, Role
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from django.core.paginator import Page

PER_PAGE = 30

# Members with more rights come first: they are the ones to ask.
_RANKS = {role: rank for rank, role in enumerate((Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER))}


@dataclass(frozen=True, slots=True)
class PeopleFilters(ListFilters):
    """Filters and order of the list. ``having`` is a role."""

    SORTS: ClassVar = {"": "By role", "name": "By name", "newest": "Newest first"}

    having: str = ""
    sort: str = ""

    def fit(self, member: Membership) -> bool:
        has_role = self.having in ("", member.role)
        return has_role and self.finds(member.user.display_name, member.user.email)


@dataclass(frozen=True, slots=True)
class MemberRow:
    member: Membership
    is_self: bool
    may_change: bool
    # Whether they have a second factor; only managers learn it.
    has_factor: bool | None = None


def members_page(manager: Membership, filters: PeopleFilters) -> Page[MemberRow]:
    """Return the page of members that the filters ask for; the last one for a page beyond it."""
    members = Membership.objects.filter(workspace=manager.workspace).select_related("user")
    found = sorted(filter(filters.fit, members), key=_by_rank if filters.sort == "" else _by_name)
    if filters.sort == "newest":
        found.sort(key=lambda member: member.created_at, reverse=True)
    rows = [
        MemberRow(member, is_self=member.pk == manager.pk, may_change=may_change(manager, member))
        for member in found
    ]
    page = Paginator(rows, PER_PAGE).get_page(filters.page or 1)
    if allows(manager.role, Action.MANAGE_PEOPLE):
        page.object_list = _with_factors(list(page))
    return page


def _with_factors(rows: list[MemberRow]) -> list[MemberRow]:
    protected = people_with_factors(row.member.user_id for row in rows)
    return [replace(row, has_factor=row.member.user_id in protected) for row in rows]


def _by_rank(member: Membership) -> tuple[int, str]:
    return (_RANKS[Role(member.role)], _by_name(member))


def _by_name(member: Membership) -> str:
    return member.user.display_name.casefold()
