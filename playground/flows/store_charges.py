from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accounts import money
from accounts.models import ChargeCheck, ChargeDifference, LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from accounts.models import ApiKey
    from playground.models import Provider
    from playground.upstream.charge_rows import Charge
    from playground.upstream.charges import Charges

T = TypeVar("T")

# A provider may list a request at another time than ours.
OVERLAP = timedelta(hours=1)
# Differences in one statement, and the credits by which rounding may differ.
_BATCH, _ROUNDING = 500, 1
# Sums of a provider may differ by rounding.
_CENT_OF_A_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Span:
    """A check with its provider, and the time whose charges are compared next."""

    check: ChargeCheck
    provider: Provider
    starts_at: datetime
    ends_at: datetime

    @property
    def asked_from(self) -> datetime:
        """The start of the overlap. A replaced key lists none of the requests of the one before."""
        return max(self.starts_at - OVERLAP, first_use(self.check.api_key))


def first_use(key: ApiKey) -> datetime:
    return key.replaced_at or key.created_at


@transaction.atomic
def store_charges(span: Span, ends_at: datetime, charges: Charges) -> None:
    """Note the differences of a span, and that it was compared. A span that was compared meanwhile stays."""
    check = ChargeCheck.objects.select_for_update().get(pk=span.check.pk)
    if check.checked_to > span.starts_at:
        return
    known = _entries_of(check, charges.rows)
    booked = _booked({entry.run_code for entry in known.values()})
    found = []
    for run, group in _by_run(charges.rows, known).items():
        entry = known[group[0].inference_id] if isinstance(run, UUID) else None
        if difference := _difference(check, entry, booked.get(run, 0) if entry else 0, group):
            found.append(difference)
    # A row that could not be read may be of any run.
    if charges.is_of_key and not charges.unreadable:
        matched = {entry.run_code for entry in known.values()}
        found += _missing(check, span.asked_from, ends_at - OVERLAP, matched)
    ChargeDifference.objects.bulk_create(found, batch_size=_BATCH, ignore_conflicts=True)
    fresh = [charge for charge in charges.rows if charge.at >= span.starts_at]
    check.requests += len(fresh)
    check.credits += sum(charge.credits for charge in fresh)
    check.checked_to, check.error, check.failures = ends_at, "", 0
    check.note = _note(charges) or check.note
    check.save(update_fields=["requests", "credits", "checked_to", "error", "failures", "note"])


def _note(charges: Charges) -> str:
    """Say what is odd about the provider's list itself; empty if nothing is."""
    if charges.unreadable:
        rows = f"{charges.unreadable:,} row{'' if charges.unreadable == 1 else 's'}"
        return f"The provider’s list had {rows} that could not be read, so no run was found missing."
    listed = sum((charge.usd for charge in charges.rows), Decimal(0))
    if charges.total is None or abs(charges.total - listed) <= _CENT_OF_A_CENT:
        return ""
    return (
        f"The provider’s own sum of a day was {money.usd(charges.total)}, but its list of requests "
        f"added up to {money.usd(listed)}. Ask the provider which of them it bills."
    )


def _entries_of(check: ChargeCheck, rows: Sequence[Charge]) -> dict[str, LedgerEntry]:
    """Return our entries by the provider's ids of their requests."""
    by_run = {charge.inference_id: run for charge in rows if (run := _code(charge.run))}
    ours = LedgerEntry.objects.filter(workspace=check.workspace_id, number=0)
    runs: dict[UUID, LedgerEntry] = {}
    for part in _parts(list(by_run.values())):
        runs |= {entry.run_code: entry for entry in ours.filter(run_code__in=part)}
    ids: dict[str, LedgerEntry] = {}
    for named in _parts([charge.inference_id for charge in rows]):
        ids |= {entry.inference_id: entry for entry in ours.filter(inference_id__in=named)}
    found = {name: runs[run] for name, run in by_run.items() if run in runs}
    return {**ids, **found}


def _by_run(rows: Iterable[Charge], known: dict[str, LedgerEntry]) -> dict[UUID | str, list[Charge]]:
    """Group charges by our runs: a request that was tried again was charged more than once."""
    found: dict[UUID | str, list[Charge]] = {}
    for charge in rows:
        entry = known.get(charge.inference_id)
        found.setdefault(entry.run_code if entry else charge.inference_id, []).append(charge)
    return found


def _booked(runs: set[UUID]) -> dict[UUID | str, int]:
    """Return what runs are charged by now, with their corrections, in credits."""
    found: dict[UUID | str, int] = {}
    for part in _parts(list(runs)):
        rows = LedgerEntry.objects.filter(run_code__in=part).order_by().values("run_code")
        found |= {row["run_code"]: int(row["sum"]) for row in rows.annotate(sum=Sum("credits"))}
    return found


def _difference(
    check: ChargeCheck, entry: LedgerEntry | None, booked: int, group: list[Charge]
) -> ChargeDifference | None:
    charged = sum(charge.credits for charge in group)
    if abs(charged - booked) <= (_ROUNDING if entry else 0):
        return None
    kind = ChargeDifference.Kind.COST if entry else ChargeDifference.Kind.UNKNOWN
    last = group[-1]
    return ChargeDifference(
        workspace_id=check.workspace_id,
        provider_code=check.api_key.provider_code,
        key_code=str(check.api_key.code),
        reference=str(entry.run_code) if entry else last.inference_id,
        kind=kind,
        at=last.at,
        model_id=entry.model_id if entry else last.model,
        run_code=entry.run_code if entry else None,
        inference_id=last.inference_id,
        booked_credits=booked,
        charged_credits=charged,
        charged_usd=sum(charge.usd for charge in group),
        charged_input_tokens=sum(charge.input_tokens for charge in group),
        charged_output_tokens=sum(charge.output_tokens for charge in group),
    )


def _missing(
    check: ChargeCheck, starts_at: datetime, ends_at: datetime, matched: set[UUID]
) -> list[ChargeDifference]:
    """Return the runs of a time that were booked and that the provider does not list."""
    ours = LedgerEntry.objects.filter(
        workspace=check.workspace_id,
        key_code=str(check.api_key.code),
        held_at__gte=starts_at,
        held_at__lt=ends_at,
        number=0,
    ).exclude(purpose=LedgerEntry.Purpose.OUTSIDE)
    lacking = [entry for entry in ours.iterator(_BATCH) if entry.run_code not in matched]
    booked = _booked({entry.run_code for entry in lacking})
    return [
        ChargeDifference(
            workspace_id=check.workspace_id,
            provider_code=entry.provider_code,
            key_code=entry.key_code,
            reference=str(entry.run_code),
            kind=ChargeDifference.Kind.MISSING,
            at=entry.held_at,
            model_id=entry.model_id,
            run_code=entry.run_code,
            inference_id=entry.inference_id,
            booked_credits=booked[entry.run_code],
        )
        for entry in lacking
        if booked.get(entry.run_code)
    ]


def _parts(values: list[T]) -> Iterable[list[T]]:
    """Yield portions of a list, since databases limit the values of a statement."""
    return (values[place : place + _BATCH] for place in range(0, len(values), _BATCH))


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
