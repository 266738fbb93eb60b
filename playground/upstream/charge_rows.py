"""The charges in the rows of a provider's lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from accounts.money import in_credits
from playground.upstream.dialects.shared.reading.accounting import make_cost
from playground.upstream.storable import storable

_LONGEST_ID, _LONGEST_MODEL = 128, 200


@dataclass(frozen=True, slots=True)
class Charge:
    """A request that the provider has charged. ``run`` is the id that we sent with it, where it was kept."""

    at: datetime
    model: str
    credits: int
    usd: Decimal
    inference_id: str
    run: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


def logged_charge(row: object) -> Charge | None:
    """Read a row of the list of requests; None if it names no cost, time or id."""
    if not isinstance(row, dict):
        return None
    tokens = row["tokens"] if isinstance(row.get("tokens"), dict) else {}
    return _charge(
        row.get("created"),
        row.get("cost"),
        row.get("model"),
        row.get("inference_id"),
        run=_word(row.get("client_request_id"), _LONGEST_ID),
        input_tokens=_count(tokens.get("input")),
        output_tokens=_count(tokens.get("output")),
    )


def moved_charge(row: object) -> Charge | None:
    """Read a row of the list of movements likewise."""
    if not isinstance(row, dict):
        return None
    return _charge(row.get("created_at"), row.get("amount"), row.get("model"), row.get("reference_id"))


def _charge(created: object, cost: object, model: object, inference_id: object, **more: Any) -> Charge | None:
    at, handle = _moment(created), _word(inference_id, _LONGEST_ID)
    amounts = cost if isinstance(cost, dict) else {}
    found = make_cost(amounts.get("credits"), amounts.get("usd"))
    if at is None or not handle or found is None or found.usd is None:
        return None
    # Dollars are exact, and credits may be left out.
    credits = found.credits if found.credits is not None else in_credits(found.usd)
    return Charge(at, _word(model, _LONGEST_MODEL), credits, found.usd, handle, **more)


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15 else 0


def _word(value: object, longest: int) -> str:
    return str(storable(value))[:longest] if isinstance(value, str) else ""
