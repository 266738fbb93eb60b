from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import BigIntegerField
from django.utils.timezone import now

from accounts import ledger
from accounts.prepared import fields_of, prepared_update
from chat import billing
from chat.flows.give_title import give_title, lock_titled
from chat.flows.keep_media import Kept, keep_media
from chat.folding import folded_message
from chat.live import broadcast
from chat.models import Message, Run, RunChunk
from chat.references import tokens_of
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from chat.billing import Bill
    from playground.upstream.answer import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run: its status, answer and error."""

    status: Run.Status
    answer: Answer
    error: Mapping[str, Any] | None = None
    first_token_ms: int | None = None
    reasoning_ms: int | None = None


def finish_run(run: Run, outcome: Outcome, *, fence: int, lease: datetime | None = None) -> bool:
    """Move a live run to its terminal state; return False if it has left that already.

    The relay, a stop request and the reaper may all arrive here for one run. Only the caller
    whose update matches a row may store the answer and touch the ledger.

    ``fence`` is that of the run when the caller decided: a run with a new owner since then does not end
    here. With ``lease``, a run whose lease does not end at that time any more stays as it is.
    """
    kept = _kept(run, outcome.answer, fence)
    has_finished = False
    try:
        has_finished = _finish(run, outcome, kept, fence, lease)
    except (OperationalError, InterfaceError):
        # The commit may have happened and only its reply got lost. Then rows name the files; if not,
        # the sweep deletes them.
        raise
    except BaseException:
        kept.remove()
        raise
    if not has_finished:
        kept.remove()
    return has_finished


def _kept(run: Run, answer: Answer, fence: int) -> Kept:
    """Write the files of an answer, unless the run has ended already, as far as this can be known here."""
    has_media = answer.images or answer.audio_parts
    is_kept = has_media and Run.objects.filter(pk=run.pk, status__in=Run.LIVE, fence=fence).exists()
    return keep_media(run, answer) if is_kept else Kept(answer.data)


@transaction.atomic
def _finish(run: Run, outcome: Outcome, kept: Kept, fence: int, lease: datetime | None) -> bool:
    answer = outcome.answer
    usage = answer.usage
    content = {"text": answer.whole_text, "reasoning": answer.reasoning, "data": kept.data}
    lock_titled(run)
    bill = _bill(run, answer)
    ended = {
        "status": outcome.status,
        "finished_at": now(),
        "finish_reason": answer.finish_reason[:40],
        "is_truncated": answer.is_truncated,
        "unreadable_pieces": answer.unreadable_pieces,
        "error": outcome.error,
        "first_token_ms": outcome.first_token_ms,
        "reasoning_ms": outcome.reasoning_ms,
        "usage": usage.raw if usage else None,
        "reasoning_tokens": usage.reasoning_tokens if usage else None,
        "inference_id": (answer.identity.inference_id or "")[:128] if answer.identity else "",
        "reported": storable(answer.marks),
        "result": content if run.answer_id is None else None,
        **_booked(run, bill),
    }
    if lease is None:
        claimed = _end(pk=run.pk, of_fence=fence, **ended)
    else:
        ours = Run.objects.filter(pk=run.pk, status__in=Run.LIVE, fence=fence)
        claimed = ours.filter(lease_expires_at=lease).update(**ended)
    if not claimed:
        return False

    if run.answer_id is not None:
        folded = folded_message(answer.whole_text, kept.data)
        _store(pk=run.answer_id, **content, folded=folded)
    if outcome.status == Run.Status.FINISHED:
        give_title(run, answer.text)
    kept.save(run)
    RunChunk.objects.filter(run=run).delete()
    _close_hold(run, bill, ended["inference_id"])
    transaction.on_commit(partial(broadcast.announce_run, run.code, run.conversation_code))
    # A place is free: queued runs may begin, or have fewer runs before them.
    transaction.on_commit(broadcast.announce_place)
    return True


_ENDED = (
    *("status", "finished_at", "finish_reason", "is_truncated", "unreadable_pieces", "error"),
    *("first_token_ms", "reasoning_ms", "usage", "reasoning_tokens", "inference_id", "reported", "result"),
    *("credits", "usd", "is_cost_estimated", "input_tokens", "output_tokens", "are_tokens_estimated"),
    "basis",
)


@prepared_update(pk=BigIntegerField(), of_fence=BigIntegerField(), **fields_of(Run, *_ENDED))
def _end(pk: Any, of_fence: Any, **ended: Any) -> tuple[QuerySet[Run], dict[str, Any]]:
    return Run.objects.filter(pk=pk, status__in=Run.LIVE, fence=of_fence), ended


@prepared_update(pk=BigIntegerField(), **fields_of(Message, "text", "reasoning", "data", "folded"))
def _store(pk: Any, **content: Any) -> tuple[QuerySet[Message], dict[str, Any]]:
    return Message.objects.filter(pk=pk), content


def _bill(run: Run, answer: Answer) -> Bill | None:
    """Compute what an answer cost; None if it cost nothing."""
    if answer.has_cost_nothing:
        return None
    return billing.bill(
        answer,
        run.body,
        run.prices,
        attached=tokens_of(run.references),
        base_url=run.endpoint.model.provider.base_url if run.endpoint else "",
        rate=run.token_rate,
    )


def _booked(run: Run, bill: Bill | None) -> dict[str, Any]:
    """Return the columns of a run that say what it cost."""
    return {
        "credits": bill.credits if bill else None,
        "usd": bill.usd if bill else None,
        "is_cost_estimated": bill is not None and bill.source == billing.CostSource.ESTIMATED,
        "input_tokens": bill.input_tokens if bill else None,
        "output_tokens": bill.output_tokens if bill else None,
        "are_tokens_estimated": bill is not None and not bill.is_counted,
        "basis": bill.basis.as_json() if bill else run.basis,
    }


def _close_hold(run: Run, bill: Bill | None, inference_id: str) -> None:
    if bill is None:
        ledger.release(run.code)
        return
    ledger.settle(
        run.code,
        ledger.Amounts(credits=bill.credits, tokens=bill.input_tokens + bill.output_tokens),
        source=bill.source,
        provider_code=run.provider_code,
        model_id=run.model_id,
        usd=bill.usd,
        input_tokens=bill.input_tokens,
        output_tokens=bill.output_tokens,
        purpose=run.purpose,
        basis=bill.basis.as_json(),
        inference_id=inference_id,
    )
