"""The page of all keys: those of the workspace that the reader may see, by pages, and the reader's own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Prefetch

from accounts import balances
from accounts import keys as stored_keys
from accounts.models import ApiKey, Group, Membership
from accounts.permissions import Action, allows, people_in_words
from playground.models import Provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.paginator import Page
    from django.forms import Form

    from accounts.keys import UsableKeys
    from accounts.pages.filters import ListFilters

# More patterns would not fit in a row; the page of the key has them all.
_MOST_PATTERNS = 3
PER_PAGE = 40


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in the list. Texts are ready to show."""

    key: ApiKey
    # The people that it is for; empty for a personal key, which is for its owner.
    whose: str
    # True if the reader's answers use it, unless another key is for their model.
    is_first: bool
    # True if the reader may choose that, and if they have.
    can_prefer: bool
    is_preferred: bool

    @property
    def is_low(self) -> bool:
        return balances.is_low(self.key)

    @property
    def models(self) -> str:
        """The models that it is for; empty for all."""
        patterns = self.key.model_patterns
        more = len(patterns) - _MOST_PATTERNS
        return ", ".join(patterns[:_MOST_PATTERNS]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """A provider with its keys, and the form that adds one."""

    provider: Provider
    whose: str
    form: Form
    rows: list[KeyRow] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.whose}-{self.provider.code}"

    @property
    def items(self) -> list[tuple[ProviderKeys, KeyRow | None]]:
        """Return what counts on a page of the list: each key, and a provider without one."""
        return [(self, row) for row in self.rows] or [(self, None)]


@dataclass(frozen=True, slots=True)
class KeysPage:
    providers: list[Provider]
    mine: list[ProviderKeys]
    # Those on the page of the list.
    shared: list[ProviderKeys]
    page: Page[tuple[ProviderKeys, KeyRow | None]]
    # The number of shared keys that the filters find, and of all.
    found: int
    total: int


def keys_page(
    membership: Membership, form_for: Callable[[str, Provider], Form], filters: ListFilters, asked: str
) -> KeysPage:
    """Make the page in a fixed number of queries.

    :param form_for: makes the forms that add a key.
    :param asked: the code of a provider whose form is open, so that it is on the page.
    """
    workspace = membership.workspace
    offered = Provider.objects.for_workspace(workspace).exclude(kind=Provider.Type.DEMO)
    providers = list(offered.filter(is_enabled=True).order_by("name", "pk"))
    usable = stored_keys.usable_keys(workspace, membership.user)
    keys = _keys(membership, usable)
    mine, shared = (
        [_of_provider(each, whose, keys, usable, form_for(whose, each)) for each in providers]
        for whose in ("mine", "workspace")
    )
    found = [each for each in (_found(each, filters) for each in shared) if each]
    items = [item for each in found for item in each.items]
    pages = Paginator(items, PER_PAGE)
    places = [place for place, (each, _) in enumerate(items) if each.provider.code == asked]
    page = pages.get_page(places[0] // PER_PAGE + 1 if places else filters.page or 1)
    on_page = [
        replace(each, rows=[row for _, row in rows if row is not None])
        for each, rows in groupby(page.object_list, key=lambda item: item[0])
    ]
    return KeysPage(
        providers, mine, on_page, page, *(sum(len(each.rows) for each in some) for some in (found, shared))
    )


def _found(keys: ProviderKeys, filters: ListFilters) -> ProviderKeys | None:
    """Return the keys that the filters find; None if they find none and not the provider either."""
    name = keys.provider.name
    rows = [row for row in keys.rows if filters.finds(name, row.key.name, row.whose, row.models)]
    return replace(keys, rows=rows) if rows or filters.finds(name) else None


def _keys(membership: Membership, usable: UsableKeys) -> list[ApiKey]:
    """Return the reader's own keys and the shared ones: all for admins, for others those they may use."""
    groups = Prefetch("groups", Group.objects.order_by("name_key"))
    people = Prefetch(
        "people", Membership.objects.select_related("user").order_by("user__name", "user__email")
    )
    # The page says of a key with a cap that the provider keeps it.
    found = ApiKey.objects.filter(workspace=membership.workspace, member__in=[membership.user_id])
    found |= ApiKey.objects.filter(workspace=membership.workspace, member=None)
    rows = found.select_related("created_by", "capped").prefetch_related(groups, people)
    can_manage = allows(membership.role, Action.MANAGE_KEYS)
    return [
        key
        for key in rows.order_by("created_at", "pk")
        if can_manage or key.member_id or key in usable.fitting(key.provider_code, "")
    ]


def _of_provider(
    provider: Provider, whose: str, keys: list[ApiKey], usable: UsableKeys, form: Form
) -> ProviderKeys:
    fitting = usable.fitting(provider.code, "")
    rows = [
        _row(key, fitting)
        for key in keys
        if key.provider_code == provider.code and bool(key.member_id) == (whose == "mine")
    ]
    return ProviderKeys(provider, whose, form, rows)


def _row(key: ApiKey, fitting: list[ApiKey]) -> KeyRow:
    names = [group.name for group in key.groups.all()]
    names += [member.user.display_name for member in key.people.all()]
    place = fitting.index(key) if key in fitting else -1
    return KeyRow(
        key,
        "" if key.member_id else people_in_words(key.lowest_role, names),
        is_first=place == 0 and len(fitting) > 1,
        can_prefer=place >= 0 and len(fitting) > 1,
        is_preferred=place >= 0 and bool(vars(fitting[place])["is_preferred"]),
    )
