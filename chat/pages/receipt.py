"""The line under an answer: its speed, length, cost and ending."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import money
from accounts.models import LedgerEntry
from accounts.prices import how_in_words
from chat.pages.endings import ending_of
from chat.pages.receipt_details import receipt_details
from chat.pages.value_words import in_words, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.live.run import LiveRun
    from chat.models import Message, Run

WAITING = "waiting for the first token…"
WAITING_FOR_ALL = "waiting for the whole answer…"
IN_BACKGROUND = {
    "queued": "in the provider’s queue…",
    "in_progress": "the provider works in the background…",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """Texts that are ready to show; an empty one is not known."""

    first_token: str = ""
    # The time until the answer came, if it came whole.
    whole_after: str = ""
    rate: str = ""
    tokens: str = ""
    input_tokens: str = ""
    reasoning_tokens: str = ""
    cost: str = ""
    # The credits, and where the cost comes from.
    credits: str = ""
    source: str = ""
    state: str = ""
    # Seconds since the request was sent, counted on in the page.
    elapsed: int | None = None
    is_final: bool = True
    is_cost_estimated: bool = False
    # They are counted here, since the provider sent no complete counts.
    are_tokens_estimated: bool = False
    # Names and values of what the provider reported besides.
    details: Sequence[tuple[str, str]] = ()
    # The run whose request and raw answer the reader may open.
    run_code: UUID | None = None


def waiting_receipt(run: Run) -> Receipt:
    """Return the receipt of a live run of which the page knows nothing yet."""
    return Receipt(state=WAITING if run.is_streamed else WAITING_FOR_ALL, is_final=False)


def live_receipt(live: LiveRun) -> Receipt:
    """Return the receipt of a live answer, with its tokens counted as they arrive."""
    rate = live.tokens_per_second
    # If the run waits for anything else, a notice says so.
    waiting = "" if live.retrying or live.queue_position is not None else WAITING
    if waiting and live.answer.awaited and not live.tokens:
        elapsed = int(time.monotonic() - live.started_at)
        state = IN_BACKGROUND.get(live.answer.awaited.state, WAITING_FOR_ALL)
        return Receipt(state=state, elapsed=elapsed, is_final=False)
    return Receipt(
        first_token=duration(live.first_token_ms),
        rate=f"{rate:.0f}" if rate else "",
        tokens=f"{live.tokens:,}" if live.tokens else "",
        state="streaming…" if live.tokens else waiting,
        is_final=False,
    )


def final_receipt(run: Run, answer: Message | None = None) -> Receipt:
    """Return the receipt of an ended run. With its ``answer``, the state says if that waits for a tool."""
    # The working time is unknown for an answer that was reaped before its first token.
    is_timed = run.first_token_ms is not None or not run.are_tokens_estimated
    until_first = duration(run.first_token_ms)
    return Receipt(
        first_token=until_first if run.is_streamed else "",
        whole_after="" if run.is_streamed else until_first,
        rate=_rate(run) if is_timed else "",
        tokens=_count(run.output_tokens),
        input_tokens=_count(run.input_tokens),
        reasoning_tokens=_count(run.reasoning_tokens),
        cost="" if run.credits is None else money.usd(money.cost_in_usd(run.usd, run.credits)),
        credits=_count(run.credits),
        source=_source(run),
        state=ending_of(run, answer).state,
        is_cost_estimated=run.is_cost_estimated,
        are_tokens_estimated=run.are_tokens_estimated,
        details=_details(run),
        run_code=run.code,
    )


def _source(run: Run) -> str:
    """Say where the cost of an ended run comes from; empty if nothing more is known than the cost."""
    return "" if run.credits is None else how_in_words(run.kept_basis, source_of(run))


def source_of(run: Run) -> LedgerEntry.Source:
    """Return the source of a run's cost in the words of the ledger."""
    if run.is_cost_estimated:
        return LedgerEntry.Source.ESTIMATED
    return LedgerEntry.Source.PRICED if run.usd is None else LedgerEntry.Source.REPORTED


def _details(run: Run) -> list[tuple[str, str]]:
    details = receipt_details(run.usage, run.reported or {}, run.model_id)
    if hidden := run.kept_basis.hidden_tokens:
        details.insert(0, ("hidden reasoning", f"{hidden:,} tokens, counted by the provider and not sent"))
    for name, value in (run.set_by_limit or {}).items():
        details.insert(0, ("length", f"{name} {value:,}, which is what a limit left"))
    if words := _source(run):
        details.insert(0, ("cost", words))
    return details


def _rate(run: Run) -> str:
    rate = rate_of(run)
    return f"{rate:.0f}" if rate is not None else ""


def rate_of(run: Run) -> float | None:
    """Return the tokens per second of an ended run; None if they are not known."""
    if not (run.output_tokens and run.started_at and run.finished_at):
        return None
    until_first = (run.first_token_ms or 0) / 1000
    seconds = (
        (run.finished_at - run.started_at).total_seconds() - until_first if run.is_streamed else until_first
    )
    return run.output_tokens / seconds if seconds > 0.05 else None


def duration(milliseconds: int | None) -> str:
    """
    >>> duration(312), duration(4210), duration(None)
    ('312 ms', '4.2 s', '')
    """
    if milliseconds is None:
        return ""
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter that was sent: its value in a few words, and whole unless the words say everything."""

    name: str
    words: str
    whole: str


def parameter_changes(run: Run) -> list[Change]:
    """Return what the line above an answer names: the parameters, and that it was no stream.

    A length that a limit set stands in the place of the one that was asked for.
    """
    of_limit = run.set_by_limit or {}
    kept = {name: value for name, value in run.parameters.items() if name not in of_limit}
    changes = [Change(name, in_words(value), whole(value)) for name, value in kept.items()]
    changes += [Change(name, f"{value:,}, set by a limit", "") for name, value in of_limit.items()]
    return changes if run.is_streamed else [*changes, Change("not streamed", "", "")]
