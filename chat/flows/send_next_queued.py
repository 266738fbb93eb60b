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
from django.db.models import Exists, OuterRef, UUIDField
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
from chat.models import Message, Pause, QueuedPrompt, Run, StoredFile
from chat.transcript import Tree, calls_of
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from chat.models import Conversation

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

    After another end, and if the prompt is refused, the queue pauses.
    """
    queued = next(iter(_waiting(code=conversation_code)), None)
    if queued is None:
        return []
    try:
        with transaction.atomic():
            locked = lock_conversation(queued.conversation)
            return [] if locked.queue_pause else list(_send_each(locked))
    except ConversationGone:
        return []


@prepared(code=UUIDField())
def _waiting(code: Any) -> QuerySet[QueuedPrompt]:
    waiting = QueuedPrompt.objects.filter(conversation__code=code, conversation__queue_pause="")
    return waiting.select_related("conversation")[:1]


def send_due_prompts() -> list[Run]:
    """Send the next prompt wherever no answer is awaited any more, and return the runs to start."""
    live = Run.objects.filter(answer=OuterRef("after"), status__in=Run.LIVE)
    due = QueuedPrompt.objects.filter(
        ~Exists(live), conversation__queue_pause="", conversation__deleted_at__isnull=True
    )
    codes = list(due.order_by().values_list("conversation__code", flat=True).distinct())
    found: list[Run] = []
    for code in codes:
        try:
            found += send_next_queued(code)
        except (OperationalError, InterfaceError):
            # The database is unavailable; the next call tries again.
            raise
        except Exception:
            # The prompts of all other conversations must not wait for this one.
            logger.exception("The queued prompts of conversation %s cannot be sent.", code)
    return found


def _send_each(conversation: Conversation) -> Iterator[Run]:
    queue = QueuedPrompt.objects.filter(conversation=conversation)
    tree, branches = Tree(conversation), defaultdict[int, list[QueuedPrompt]](list)
    for queued in queue.select_related("author", "endpoint__model__provider"):
        # The results of built-in calls, and the answer to them, have continued the branch by themselves.
        branches[tree.newest_leaf(queued.after_id)].append(queued)
    for end, waiting in branches.items():
        ending = ending_of_branch(end)
        if ending is None:
            continue
        if ending:
            mark_queue(conversation, ending)
            return
        run = send_queued(conversation, waiting, end)
        if run is None:
            return
        yield run


def ending_of_branch(end: int) -> str | None:
    """Return the reason to pause after the message ``end``: an empty text for none, None while it is live."""
    answer = Message.objects.select_related("run").get(pk=end)
    run: Run | None = getattr(answer, "run", None)
    if run is not None and run.is_live:
        return None
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


def send_queued(conversation: Conversation, waiting: list[QueuedPrompt], end: int) -> Run | None:
    """Send the first of these prompts below the message ``end``, and let the others wait for its answer.

    If it is refused, the queue pauses and None is returned. Call it in a transaction that has locked the
    conversation.
    """
    queue = QueuedPrompt.objects.filter(pk__in=[queued.pk for queued in waiting])
    found = _try(conversation, waiting[0], end)
    if isinstance(found, Run):
        queue.update(after=found.message)
        mark_queue(conversation)
        return found
    queue.update(after=end)
    queue.filter(pk=waiting[0].pk).update(refusal=found.words, is_refusal_personal=found.is_personal)
    mark_queue(conversation, Pause.REFUSED)
    return None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The reason why a prompt cannot be sent now. The figures of a personal limit are its author's."""

    words: str
    is_personal: bool = False


def _try(conversation: Conversation, queued: QueuedPrompt, end: int) -> Run | _Refusal:
    try:
        with transaction.atomic():
            return _open(conversation, queued, end)
    except (DatabaseError, InterfaceError):
        # The database is unavailable; the next call tries again.
        raise
    except LimitReached as limit:
        return _Refusal(limit.text, limit.is_personal)
    except BodyInvalid as error:
        texts = (f"{path}: {message}" if path else message for path, message in error.errors)
        return _Refusal(" ".join(texts))
    except (PromptRefused, TranscriptRefused) as refusal:
        return _Refusal(str(refusal))
    except Exception:
        # Another try would fail too, every few seconds.
        logger.exception("A queued prompt of conversation %s cannot be sent.", conversation.code)
        return _Refusal(_FAULT)


def _open(conversation: Conversation, queued: QueuedPrompt, end: int) -> Run:
    author, choice = checked_choice(queued)
    prompt = Message.objects.create(
        conversation=conversation, parent_id=end, role=Message.Role.USER, text=queued.text, author=author
    )
    StoredFile.objects.filter(queued=queued).update(message=prompt, queued=None)
    submission = Submission(queued.idempotency_key, queued.request_hash)
    run = open_run(conversation, author, prompt, choice, submission, was_queued=True)
    queued.delete()
    return run
