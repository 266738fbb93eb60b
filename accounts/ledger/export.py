"""Every run of some days, as rows of a table for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from accounts.ledger.breakdowns import groups_of, keys_of
from accounts.ledger.day_sums import day_of, entries_between
from accounts.models import Group
from accounts.money import cost_in_usd, in_usd
from accounts.prices import Basis, how_in_words
from accounts.time_zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from accounts.models import LedgerEntry, Workspace

COLUMNS = (
    "time",
    "run",
    "person",
    "email",
    "provider",
    "model",
    "input_tokens",
    "output_tokens",
    "tokens",
    "usd",
    "credits",
    "cost_source",
    "purpose",
    "input_usd_per_million",
    "output_usd_per_million",
    "cache_read_tokens",
    "cache_write_tokens",
    "hidden_reasoning_tokens",
    "price_source",
    "price_date",
    "how",
    "key",
    "groups",
    # The day of the run in Usage, and its day for limits as their time zone is now.
    "day_utc",
    "limit_day",
    "limit_time_zone",
)
_PORTION = 2000


def portions(workspace: Workspace, first: date, last: date) -> Iterator[list[list[str]]]:
    """Yield the rows in portions, the oldest first. Each portion is one query, whatever came before."""
    entries = entries_between(workspace, first, last).select_related("user").order_by("held_at", "pk")
    names = _Names.of(workspace)
    zone = zone_of(workspace.time_zone)
    rest = entries
    while found := list(rest[:_PORTION]):
        yield [[*_row(entry), *names.of_run(entry), *_days(entry, zone)] for entry in found]
        end = found[-1]
        rest = entries.filter(held_at__gte=end.held_at).exclude(held_at=end.held_at, pk__lte=end.pk)


@dataclass(frozen=True, slots=True)
class _Names:
    """The keys and the groups of a workspace, as they are today."""

    # By the code of a key, and by the key of a user.
    keys: dict[str, str]
    groups: dict[int, str]

    @classmethod
    def of(cls, workspace: Workspace) -> _Names:
        keys = {str(key.code): key.short_name for key in keys_of(workspace)}
        names = dict(Group.objects.filter(workspace=workspace).values_list("pk", "name"))
        groups = {
            user: "; ".join(sorted(names[each] for each in found))
            for user, found in groups_of(workspace).items()
        }
        return cls(keys, groups)

    def of_run(self, entry: LedgerEntry) -> list[str]:
        deleted = "deleted" if entry.key_code else ""
        return [self.keys.get(entry.key_code, deleted), self.groups.get(entry.user_id or 0, "")]


def _days(entry: LedgerEntry, zone: tzinfo) -> list[str]:
    return [day_of(entry.held_at).isoformat(), f"{entry.held_at.astimezone(zone):%Y-%m-%d}", str(zone)]


def _row(entry: LedgerEntry) -> list[str]:
    return [
        entry.held_at.astimezone(UTC).isoformat(),
        str(entry.run_code),
        entry.user.display_name if entry.user else "",
        entry.user.email if entry.user else "",
        entry.provider_code,
        entry.model_id,
        str(entry.input_tokens),
        str(entry.output_tokens),
        str(entry.tokens),
        f"{cost_in_usd(entry.usd, entry.credits):f}",
        str(entry.credits),
        entry.source,
        entry.purpose,
        *_basis(entry),
    ]


def _basis(entry: LedgerEntry) -> list[str]:
    """Return how the cost came about: prices, kinds of tokens, and the same in words."""
    basis = Basis.of(entry.basis)
    prices = basis.prices
    return [
        f"{in_usd(prices.input).normalize():f}" if prices else "",
        f"{in_usd(prices.output).normalize():f}" if prices else "",
        str(basis.cache_read_tokens),
        str(basis.cache_write_tokens),
        str(basis.hidden_tokens),
        prices.origin if prices else "",
        prices.listed_on.isoformat() if prices and prices.listed_on else "",
        how_in_words(basis, entry.source, entry.reason),
    ]
