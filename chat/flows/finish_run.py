from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils.timezone import now

from accounts import ledger
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
    is_ours = Run.objects.filter(pk=run.pk, status__in=Run.LIVE, fence=fence)
    has_media = answer.images or answer.audio_parts
    return keep_media(run, answer) if has_media and is_ours.exists() else Kept(answer.data)


@transaction.atomic
def _finish(run: Run, outcome: Outcome, kept: Kept, fence: int, lease: datetime | None) -> bool:
    answer = outcome.answer
    usage = answer.usage
    content = {"text": answer.whole_text, "reasoning": answer.reasoning, "data": kept.data}
    lock_titled(run)
    ours = Run.objects.filter(pk=run.pk, status__in=Run.LIVE, fence=fence)
    if lease is not None:
        ours = ours.filter(lease_expires_at=lease)
    claimed = ours.update(
        status=outcome.status,
        finished_at=now(),
        finish_reason=answer.finish_reason[:40],
        is_truncated=answer.is_truncated,
        unreadable_pieces=answer.unreadable_pieces,
        error=outcome.error,
        first_token_ms=outcome.first_token_ms,
        reasoning_ms=outcome.reasoning_ms,
        usage=usage.raw if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        inference_id=(answer.identity.inference_id or "")[:128] if answer.identity else "",
        reported=storable(answer.marks),
        result=content if run.answer_id is None else None,
    )
    if not claimed:
        return False

    if run.answer_id is not None:
        folded = folded_message(answer.whole_text, kept.data)
        Message.objects.filter(pk=run.answer_id).update(**content, folded=folded)
    if outcome.status == Run.Status.FINISHED:
        give_title(run, answer.text)
    kept.save(run)
    RunChunk.objects.filter(run=run).delete()
    _close_hold(run, outcome)
    transaction.on_commit(partial(broadcast.announce_run, run.code, run.conversation_code))
    # A place is free: queued runs may begin, or have fewer runs before them.
    transaction.on_commit(broadcast.announce_place)
    return True


def _close_hold(run: Run, outcome: Outcome) -> None:
    answer = outcome.answer
    if answer.has_cost_nothing:
        ledger.release(run.code)
        return
    bill = billing.bill(
        answer,
        run.body,
        attached=tokens_of(run.references),
        input_price=run.input_price,
        output_price=run.output_price,
        is_list_price=run.list_price_on is not None,
        base_url=run.endpoint.model.provider.base_url if run.endpoint else "",
    )
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
    )
    Run.objects.filter(pk=run.pk).update(
        credits=bill.credits,
        usd=bill.usd,
        is_cost_estimated=bill.source == billing.CostSource.ESTIMATED,
        input_tokens=bill.input_tokens,
        output_tokens=bill.output_tokens,
        are_tokens_estimated=not bill.is_counted,
    )
