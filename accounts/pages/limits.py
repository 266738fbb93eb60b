"""The limits of a workspace as their page lists them, and the people that a new one may be for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from django.core.paginator import Paginator

from accounts import ledger
from accounts.limit_overlaps import Allowed, remark_on, remark_on_new
from accounts.models import Limit, Period, Unit
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from django.core.paginator import Page

    from accounts.ledger import Allowance
    from accounts.models import Membership

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class LimitFilters(ListFilters):
    """Filters and order of the list. ``having`` is a unit."""

    SORTS: ClassVar = {"": "By who", "share": "Most used first", "kind": "By kind"}

    having: str = ""
    sort: str = ""

    @classmethod
    def beside(cls, limit: Limit) -> Self:
        """Return filters that find this limit among few others, whatever its amount."""
        return cls(q=limit.member.email if limit.member else limit.who, having=limit.unit)

    def fit(self, row: Allowance) -> bool:
        limit = row.limit
        address = limit.member.email if limit.member else ""
        return self.having in ("", limit.unit) and self.finds(
            limit.who, address, limit.label, str(limit.amount)
        )


@dataclass(frozen=True, slots=True)
class LimitList:
    page: Page[Allowance]
    # The number of limits that the member may see, whatever the filters.
    total: int


def limits_page(membership: Membership, filters: LimitFilters) -> LimitList:
    """Return the page of limits that the filters ask for. Members see the limits that apply to them."""
    workspace = membership.workspace
    if allows(membership.role, Action.MANAGE_LIMITS):
        limits = Limit.objects.filter(workspace=workspace, batch=None).select_related(
            "member", "group", "api_key__member"
        )
        rows = ledger.allowances_of(workspace, limits)
    else:
        rows = ledger.allowances(workspace, membership.user)
    found = sorted(filter(filters.fit, rows), key=_by_who)
    if filters.sort == "kind":
        found.sort(key=_by_kind)
    if filters.sort == "share":
        found.sort(key=lambda row: row.share, reverse=True)
    page = Paginator(found, PER_PAGE).get_page(filters.page or 1)
    allowed = {row.limit.pk: Allowed(row.limit, row.amount) for row in rows}
    page.object_list = [
        replace(row, remark=remark_on(allowed[row.limit.pk], allowed.values())) for row in page.object_list
    ]
    return LimitList(page, len(rows))


def remark_on_change(limit: Limit, amount: int) -> str:
    """Say which limit counts, if a limit of that amount overlaps another one; else return an empty text.

    The limit may not be saved yet.
    """
    others = Limit.objects.filter(workspace=limit.workspace, batch=None).exclude(pk=limit.pk)
    related = others.select_related("member", "group", "api_key", "workspace").order_by("pk")
    return remark_on_new(Allowed(limit, amount), [Allowed(each, each.amount) for each in related])


def _by_who(row: Allowance) -> tuple[bool, str, int]:
    """Return a key that puts limits for all members first."""
    limit = row.limit
    is_narrow = any((limit.member_id, limit.group_id, limit.role, limit.api_key_id))
    return (is_narrow, limit.who.casefold(), limit.pk)


def _by_kind(row: Allowance) -> tuple[int, int]:
    return (Unit.values.index(row.limit.unit), Period.values.index(row.limit.period))
