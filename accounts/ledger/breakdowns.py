"""Breakdowns of a report: the members, groups, models and so on among which its sums are divided."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from accounts.ledger.day_sums import Sums, added, sums_by
from accounts.models import ApiKey, Group, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from accounts.models import Workspace


class By(StrEnum):
    PERSON = "person"
    GROUP = "group"
    KEY = "key"
    MODEL = "model"
    PROVIDER = "provider"
    DAY = "day"


class Rest(StrEnum):
    """A row that is no single member, group, key or model."""

    FORMER = "Former members"
    NO_GROUP = "In no group"
    NO_KEY = "No key"
    DELETED_KEYS = "Deleted keys"
    OTHERS = "Others"
    ALL = "All"


class ModelKey(NamedTuple):
    """The code of a provider and the id of one of its models."""

    provider_code: str
    model_id: str


class Days(NamedTuple):
    """The days of a report, both included, of one user or of the whole workspace if ``user`` is None."""

    workspace: Workspace
    first: date
    last: date
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The sums of some days by rows, and by parts and days. The sums of all parts add up to the total.

    Each row is a part, but for groups: a person in several groups counts in the row of each of them, and in
    the part of the smallest one alone.
    """

    total: Sums
    rows: dict[Any, Sums]
    parts: Mapping[Any, Mapping[date, Sums]]


class _Places(NamedTuple):
    """The rows in which the sums of a key count, and the part. A key has the values of the fields."""

    rows: Callable[..., Iterable[Any]]
    part: Callable[..., Any]
    # Rows that are there also if nothing counts in them.
    lasting: Iterable[Any] = ()


def break_down(days: Days, by: By) -> Breakdown:
    """Add up the sums of the days from one query."""
    fields, places_in = _BREAKDOWNS[by]
    found = sums_by(*days, "day", *fields)
    sums_of: dict[Any, dict[date, Sums]] = defaultdict(dict)
    for (day, *key), sums in found.items():
        sums_of[tuple(key)][day] = sums
    totals = {key: added(each.values()) for key, each in sums_of.items()}
    places = places_in(days.workspace, list(sums_of))
    rows = dict.fromkeys(places.lasting, Sums())
    rows |= gathered((row, totals[key]) for key in sums_of for row in places.rows(*key))
    by_part: dict[Any, list[dict[date, Sums]]] = defaultdict(list)
    for key, each in sums_of.items():
        by_part[places.part(*key)].append(each)
    parts = {part: together(many) for part, many in by_part.items()}
    return Breakdown(added(totals.values()), rows, parts)


def by_day(days: Days) -> dict[date, Sums]:
    return {day: sums for (day,), sums in sums_by(*days, "day").items()}


def gathered(pairs: Iterable[tuple[Any, Sums]]) -> dict[Any, Sums]:
    found: dict[Any, list[Sums]] = defaultdict(list)
    for key, sums in pairs:
        found[key].append(sums)
    return {key: added(many) for key, many in found.items()}


def together(many: Sequence[Mapping[date, Sums]]) -> Mapping[date, Sums]:
    """Add up sums day by day."""
    return many[0] if len(many) == 1 else gathered(pair for each in many for pair in each.items())


def _alone(part: Callable[..., Any]) -> _Places:
    """Return the places of a breakdown whose rows are its parts."""
    return _Places(lambda *key: (part(*key),), part)


def _models(workspace: Workspace, keys: Sequence[tuple[Any, ...]]) -> _Places:
    return _alone(ModelKey)


def _providers(workspace: Workspace, keys: Sequence[tuple[Any, ...]]) -> _Places:
    return _alone(lambda code: code)


def _people(workspace: Workspace, keys: Sequence[tuple[Any, ...]]) -> _Places:
    """Place the sums of deleted accounts in one row."""
    people = User.objects.in_bulk([key for (key,) in keys if key is not None])
    return _alone(lambda key: people.get(key, Rest.FORMER))


def _keys(workspace: Workspace, keys: Sequence[tuple[Any, ...]]) -> _Places:
    """Place sums by API key.

    Runs at providers that need no key have none, nor have those from before keys were noted.
    """
    places: dict[str, Any] = {str(key.code): key for key in keys_of(workspace)} | {"": Rest.NO_KEY}
    return _alone(lambda code: places.get(code, Rest.DELETED_KEYS))


def _groups(workspace: Workspace, keys: Sequence[tuple[Any, ...]]) -> _Places:
    """Place sums by groups of today."""
    groups = {group.pk: group for group in Group.objects.filter(workspace=workspace)}
    groups_of_users = groups_of(workspace)
    sizes = Counter(key for keys in groups_of_users.values() for key in keys)

    def all_of(user: int | None) -> list[Any]:
        return [groups[key] for key in groups_of_users.get(user or 0, ())] or [Rest.NO_GROUP]

    def smallest_of(user: int | None) -> Any:
        found = groups_of_users.get(user or 0)
        if not found:
            return Rest.NO_GROUP
        return groups[min(found, key=lambda key: (sizes[key], groups[key].name_key))]

    return _Places(all_of, smallest_of, groups.values())


_BREAKDOWNS: dict[By, tuple[tuple[str, ...], Callable[[Workspace, Sequence[Any]], _Places]]] = {
    By.PERSON: (("user",), _people),
    By.GROUP: (("user",), _groups),
    By.KEY: (("key_code",), _keys),
    By.MODEL: (("provider_code", "model_id"), _models),
    By.PROVIDER: (("provider_code",), _providers),
}


def keys_of(workspace: Workspace) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(workspace=workspace).select_related("member")


def groups_of(workspace: Workspace) -> dict[int, list[int]]:
    """Return the keys of the groups of each user who is in one."""
    found: dict[int, list[int]] = defaultdict(list)
    pairs = Group.members.through.objects.filter(group__workspace=workspace)
    for user, group in pairs.values_list("membership__user_id", "group_id"):
        found[user].append(group)
    return found
