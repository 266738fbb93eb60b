"""The members of a workspace as its page lists them: searched, sorted, fifty at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from django.core.paginator import Paginator

from accounts.flows.change_membership import may_change
from accounts.models import Membership, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.paginator import Page

PER_PAGE = 50

# Members with more rights come first: they are the ones to ask.
_RANKS = {role: rank for rank, role in enumerate((Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER))}


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """Filters of the list. ``having`` is a role; ``page`` counts from 1."""

    SORTS: ClassVar = {"": "By role", "name": "By name", "newest": "Newest first"}

    q: str = ""
    having: str = ""
    sort: str = ""
    page: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> PeopleFilters:
        """Read the filters from the data of a GET or POST request; other keys are ignored."""
        return cls(
            **{name: str(given.get(name, "")).strip()[:200] for name in ("q", "having", "sort", "page")}
        )

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def query_without_page(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value and name != "page"})

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    def fits(self, member: Membership) -> bool:
        if self.having and member.role != self.having:
            return False
        text = f"{member.user.display_name} {member.user.email}".casefold()
        return all(word in text for word in self.q.casefold().split())


@dataclass(frozen=True, slots=True)
class MemberRow:
    member: Membership
    is_self: bool
    may_change: bool


def members_page(manager: Membership, filters: PeopleFilters) -> Page[MemberRow]:
    """Return the page of members that the filters ask for; the last one for a page beyond it."""
    members = Membership.objects.filter(workspace=manager.workspace).select_related("user")
    found = sorted(filter(filters.fits, members), key=_by_rank if filters.sort == "" else _by_name)
    if filters.sort == "newest":
        found.sort(key=lambda member: member.created_at, reverse=True)
    rows = [
        MemberRow(member, is_self=member.pk == manager.pk, may_change=may_change(manager, member))
        for member in found
    ]
    return Paginator(rows, PER_PAGE).get_page(filters.page or 1)


def _by_rank(member: Membership) -> tuple[int, str]:
    return (_RANKS[Role(member.role)], _by_name(member))


def _by_name(member: Membership) -> str:
    return member.user.display_name.casefold()
