"""The page that compares our books with a provider's charges: each difference with its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from accounts import money
from accounts.models import ApiKey, ChargeCheck, ChargeDifference, LedgerEntry
from accounts.pages.filters import ListFilters
from accounts.prices import Basis, how_in_words
from playground.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import Workspace

_EXPLAINED = {
    "cost": "The cost that we booked and the one that the provider charged differ.",
    "unknown": "The provider charged requests that were not sent from here: another program uses the key, or "
    "somebody tried it on the provider’s site.",
    "missing": "We booked runs that the provider does not list: it did not charge for them.",
}
_WHAT_CORRECTING_DOES = {
    "cost": "Correct to what the provider charged",
    "unknown": "Book under nobody’s name",
    "missing": "Correct to $0",
}


@dataclass(frozen=True, slots=True)
class DifferenceFilters(ListFilters):
    """Filter of the list of differences."""

    kind: str = ""


@dataclass(frozen=True, slots=True)
class CheckedKey:
    """A shared key that can be checked, with its check if there was one."""

    key: ApiKey
    provider: Provider
    check: ChargeCheck | None

    @property
    def is_on(self) -> bool:
        return self.check is not None and self.check.is_on

    @property
    def charged(self) -> str:
        return money.usd(money.in_usd(self.check.credits)) if self.check else ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """The open differences of a kind."""

    kind: str
    label: str
    explanation: str
    action: str
    count: int
    booked: str
    charged: str


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    difference: ChargeDifference
    booked: str
    charged: str
    why: str


def cards(workspace: Workspace) -> list[CheckedKey]:
    """Return the shared keys of providers that list their charges."""
    providers = {
        each.code: each
        for each in Provider.objects.for_workspace(workspace).filter(
            kind=Provider.Type.AIMLAPI, is_enabled=True
        )
    }
    keys = ApiKey.objects.filter(workspace=workspace, member=None, provider_code__in=providers)
    checks = {check.api_key_id: check for check in ChargeCheck.objects.filter(workspace=workspace)}
    return [
        CheckedKey(key, providers[key.provider_code], checks.get(key.pk))
        for key in keys.order_by("provider_code", "pk")
    ]


def open_differences(workspace: Workspace, kind: str = "") -> QuerySet[ChargeDifference]:
    found = ChargeDifference.objects.filter(workspace=workspace, state=ChargeDifference.Decision.OPEN)
    return found.filter(kind=kind) if kind in ChargeDifference.Kind.values else found


def kinds(workspace: Workspace) -> list[KindRow]:
    sums = open_differences(workspace).order_by().values("kind")
    counted = sums.annotate(count=Count("pk"), booked=Sum("booked_credits"), charged=Sum("charged_credits"))
    by_kind = {row["kind"]: row for row in counted}
    return [
        KindRow(
            kind.value,
            str(kind.label),
            _EXPLAINED[kind],
            _WHAT_CORRECTING_DOES[kind],
            row["count"],
            money.usd(money.in_usd(int(row["booked"]))),
            money.usd(money.in_usd(int(row["charged"]))),
        )
        for kind in ChargeDifference.Kind
        if (row := by_kind.get(kind.value))
    ]


def difference_rows(found: Iterable[ChargeDifference]) -> list[DifferenceRow]:
    differences = list(found)
    runs = [each.run_code for each in differences if each.run_code]
    entries = {entry.run_code: entry for entry in LedgerEntry.objects.filter(run_code__in=runs, number=0)}
    return [
        DifferenceRow(
            each,
            "" if each.kind == "unknown" else money.usd(money.in_usd(each.booked_credits)),
            "" if each.kind == "missing" else money.usd(each.charged_usd),
            _why(each, entries.get(each.run_code) if each.run_code else None),
        )
        for each in differences
    ]


def _why(difference: ChargeDifference, entry: LedgerEntry | None) -> str:
    if difference.kind == "unknown":
        return "The provider lists this request. We have no run with its id."
    if entry is None:
        return "The run is no longer in our books."
    how = how_in_words(Basis.of(entry.basis), entry.source) or entry.get_source_display()
    if difference.kind == "missing":
        return f"{how}. The provider lists no request with its id."
    read, written = difference.charged_input_tokens, difference.charged_output_tokens
    has_other_tokens = (read, written) not in ((0, 0), (entry.input_tokens, entry.output_tokens))
    words = f"{how}."
    if has_other_tokens:
        ours = f"{entry.input_tokens:,} and {entry.output_tokens:,}"
        words += f" The provider counted {read:,} tokens in and {written:,} out, we {ours}."
    return words
