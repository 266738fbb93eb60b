"""Sending queued prompts, one after the other.

The process that ends an answer calls :func:`send_next_queued`. Every process calls :func:`send_due_prompts`
now and then, for answers whose process died. Both decide by what is stored, under a lock of the conversation,
and the prompt leaves the queue in the transaction that opens its run. So it is sent once, and never lost.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, UUIDField
from django.utils.timezone import now

from accounts.exceptions import LimitReached
from accounts.prepared import prepared
from chat.exceptions import ConversationGone, PromptRefused
from chat.flows.check_queued import checked_choice
from chat.flows.lock_conversation import lock_conversation
from chat.flows.open_echo_run import are_echoed
from chat.flows.open_run import open_run
from chat.flows.pause_queue import mark_queue
from chat.flows.run_idempotently import Submission
from chat.flows.wait_for_limit import NO_WAIT, wait_for_limit
from chat.models import Conversation, Message, Pause, QueuedPrompt, Run, StoredFile
from chat.transcript import Tree, calls_of
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

logger = logging.getLogger(__name__)

# Finish reasons after which the next prompt follows without a person. Some servers give none.
NORMAL_ENDS = (
    *("stop", "end_turn", "stop_sequence", "eos", "eos_token"),
    *("end", "complete", "completed", "normal"),
)
# The end of an answer with calls, whose results are missing.
CALL_ENDS = ("tool_calls", "tool_use", "tool_call", "function_call")
# The process that relayed an answer returns its built-in calls. If it died, a person has to do that.
_ECHO_TIME = timedelta(seconds=10)
_FAULT = "Something went wrong on this server. The details are in its log."


def send_next_queued(conversation_code: UUID) -> list[Run]:
    """Send the first prompt of each branch whose last answer has ended normally; return the runs to start.

    After another end, and if the prompt is refused, the queue pauses. Prompts of the workspace that wait for
    a limit of requests at once come first.
    """
    return _send_in_turn(_after_an_end(code=conversation_code))


@prepared(code=UUIDField())
def _after_an_end(code: Any) -> QuerySet[QueuedPrompt]:
    beside = Conversation.objects.filter(code=code, workspace=OuterRef("conversation__workspace"))
    waits_for_place = Q(awaited_limit__isnull=False, not_before=None) & Exists(beside)
    return _sendable(Q(conversation__code=code) | waits_for_place)


def send_due_prompts() -> list[Run]:
    """Send the next prompt wherever nothing is awaited any more, and return the runs to start."""
    at = now()
    live = Run.objects.filter(answer=OuterRef("after"), status__in=Run.LIVE)
    before = QueuedPrompt.objects.filter(
        conversation=OuterRef("conversation"), position__lt=OuterRef("position"), not_before__gt=at
    )
    is_due = Q(not_before=None) | Q(not_before__lte=at)
    return _send_in_turn(_sendable(is_due, ~Q(Exists(live)), ~Q(Exists(before))))


def _sendable(*which: Q | Combinable) -> QuerySet[QueuedPrompt]:
    """Return queued prompts that are not paused. Those that have waited longest for a limit come first."""
    shown = Q(conversation__queue_pause="", conversation__deleted_at__isnull=True)
    found = QueuedPrompt.objects.filter(shown, *which).select_related("conversation")
    return found.order_by(F("waits_since").asc(nulls_last=True), "position", "pk")


def _send_in_turn(prompts: Iterable[QueuedPrompt]) -> list[Run]:
    """Look at each conversation of these prompts once.

    Where one prompt still waits for a limit, those behind it that wait for the same limit are left out.
    """
    found: list[Run] = []
    seen: set[int] = set()
    used_up: set[tuple[UUID, int | None]] = set()
    for queued in prompts:
        if queued.conversation_id in seen or (place := _place_of(queued)) in used_up:
            continue
        seen.add(queued.conversation_id)
        try:
            sent = _send_in(queued.conversation)
        except (OperationalError, InterfaceError):
            # The database is unavailable; the next call tries again.
            raise
        except Exception:
            # The prompts of all other conversations must not wait for this one.
            code = queued.conversation.code
            logger.exception("The queued prompts of conversation %s cannot be sent.", code)
            continue
        if place and not sent:
            used_up.add(place)
        found += sent
    return found


def _place_of(queued: QueuedPrompt) -> tuple[UUID, int | None] | None:
    """Return the limit that a prompt waits for, with its author if the limit is personal."""
    if queued.awaited_limit is None:
        return None
    return queued.awaited_limit, queued.author_id if queued.is_wait_personal else None


def _send_in(conversation: Conversation) -> list[Run]:
    try:
        with transaction.atomic():
            locked = lock_conversation(conversation)
            return [] if locked.queue_pause else list(_send_each(locked))
    except ConversationGone:
        return []


def _send_each(conversation: Conversation) -> Iterator[Run]:
    queue = QueuedPrompt.objects.filter(conversation=conversation)
    tree, branches = Tree(conversation), defaultdict[int | None, list[QueuedPrompt]](list)
    for queued in queue.select_related("author", "endpoint__model__provider"):
        # The results of built-in calls, and the answer to them, have continued the branch by themselves.
        end = tree.newest_leaf(queued.after_id) if queued.after_id else conversation.head_id
        branches[end].append(queued)
    for end, waiting in branches.items():
        if waiting[0].not_before and waiting[0].not_before > now():
            continue
        ending = ending_of_branch(end, seen_at=waiting[0].waits_since)
        if ending is None:
            continue
        if ending:
            mark_queue(conversation, ending)
            return
        run = send_queued(conversation, waiting, end)
        if run is None:
            return
        yield run


def ending_of_branch(end: int | None, seen_at: datetime | None = None) -> str | None:
    """Return the reason to pause after the message ``end``: an empty text for none, None while it is live.

    An answer that had ended at ``seen_at`` gives none: the next prompt was sent after it, and refused.
    """
    if end is None:
        return ""
    answer = Message.objects.select_related("run").get(pk=end)
    run: Run | None = getattr(answer, "run", None)
    if run is not None and run.is_live:
        return None
    if seen_at and (run is None or run.finished_at is None or run.finished_at <= seen_at):
        return ""
    if run is not None and (reason := _why_pause(run)):
        return reason
    if not calls_of(answer):
        return ""
    is_echoed = run is not None and are_echoed(calls_of(answer), run.body)
    is_recent = run is not None and run.finished_at is not None and run.finished_at > now() - _ECHO_TIME
    return None if is_echoed and is_recent else Pause.CALLS


def _why_pause(run: Run) -> str:
    match run.status:
        case Run.Status.FAILED:
            return Pause.FAILED
        case Run.Status.INTERRUPTED:
            return Pause.INTERRUPTED
        case Run.Status.STOPPED:
            return Pause.STOPPED
    if run.stop_requested:
        # The answer was complete a moment before its stop.
        return Pause.STOPPED
    reason = run.finish_reason.lower()
    is_normal = not reason or reason in NORMAL_ENDS or reason in CALL_ENDS
    return "" if is_normal and not run.is_truncated else Pause.CUT


def send_queued(conversation: Conversation, waiting: list[QueuedPrompt], end: int | None) -> Run | None:
    """Send the first of these prompts below the message ``end``, and let the others wait for its answer.

    If it is refused, it waits for the limit or the queue pauses, and None is returned. Call it in a
    transaction that has locked the conversation.
    """
    first = waiting[0]
    queue = QueuedPrompt.objects.filter(pk__in=[queued.pk for queued in waiting])
    found = _try(conversation, first, end)
    if isinstance(found, Run):
        queue.update(after=found.message)
        mark_queue(conversation)
        return found
    queue.update(after=end)
    of_first = QueuedPrompt.objects.filter(pk=first.pk)
    if found.wait is None:
        of_first.update(refusal=found.words, is_refusal_personal=found.is_personal, **NO_WAIT)
        mark_queue(conversation, Pause.REFUSED)
    elif any(getattr(first, name) != value for name, value in found.wait.items()):
        of_first.update(**found.wait)
        mark_queue(conversation)
    return None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The reason why a prompt cannot be sent now. The figures of a personal limit are its author's.

    ``wait`` has the columns of a prompt that waits for the limit; None for one that waits for a person.
    """

    words: str
    is_personal: bool = False
    wait: dict[str, Any] | None = None


def _try(conversation: Conversation, queued: QueuedPrompt, end: int | None) -> Run | _Refusal:
    try:
        with transaction.atomic():
            return _open(conversation, queued, end)
    except (DatabaseError, InterfaceError):
        # The database is unavailable; the next call tries again.
        raise
    except LimitReached as limit:
        return _Refusal(limit.text, limit.is_personal, wait_for_limit(limit, queued.waits_since))
    except BodyInvalid as error:
        texts = (f"{path}: {message}" if path else message for path, message in error.errors)
        return _Refusal(" ".join(texts))
    except (PromptRefused, TranscriptRefused) as refusal:
        return _Refusal(str(refusal))
    except Exception:
        # Another try would fail too, every few seconds.
        logger.exception("A queued prompt of conversation %s cannot be sent.", conversation.code)
        return _Refusal(_FAULT)


def _open(conversation: Conversation, queued: QueuedPrompt, end: int | None) -> Run:
    author, choice = checked_choice(queued)
    prompt = Message.objects.create(
        conversation=conversation, parent_id=end, role=Message.Role.USER, text=queued.text, author=author
    )
    StoredFile.objects.filter(queued=queued).update(message=prompt, queued=None)
    submission = Submission(queued.idempotency_key, queued.request_hash)
    run = open_run(conversation, author, prompt, choice, submission, was_queued=True)
    queued.delete()
    return run
