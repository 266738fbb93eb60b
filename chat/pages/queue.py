"""Queued prompts above the composer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from chat.models import Pause, QueuedPrompt
from chat.pages.attaching import attached
from playground.labels import model_names

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from chat.access import Grant
    from chat.pages.attaching import Attached

# A page fetches the rest of a longer text when it is opened.
BEGINNING = 300
_PAUSES = {
    Pause.STOPPED: "The answer was stopped.",
    Pause.FAILED: "The last answer failed.",
    Pause.INTERRUPTED: "The last answer was interrupted.",
    Pause.CUT: "The last answer ended early.",
    Pause.CALLS: "The last answer waits for the results of its tool calls.",
    Pause.REFUSED: "The next prompt could not be sent.",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """The limit that a prompt waits for, in words that follow "Waits for"."""

    words: str
    # None if others leave a place at any time, and once the time has come.
    until: datetime | None
    is_for_place: bool
    # The prompts of other conversations that have waited for the same limit for longer.
    before: int


@dataclass(frozen=True, slots=True)
class QueuedView:
    code: UUID
    # The whole text, or its beginning.
    text: str
    is_cut: bool
    # Empty for the reader's own prompts.
    author_name: str
    is_mine: bool
    model_name: str
    refusal: str
    wait: Wait | None
    files: list[Attached] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Queue:
    version: int
    # A sentence about why nothing is sent; empty if the prompts are sent by themselves.
    pause: str = ""
    prompts: list[QueuedView] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether the next prompt waits for a limit."""
        return bool(self.prompts and self.prompts[0].wait)


def queue_of(grant: Grant) -> Queue:
    """Return the queued prompts of a conversation, in four queries, or in none if it never had any.

    One that waits for a limit takes another one.
    """
    conversation = grant.conversation
    if not conversation.queue_version:
        return Queue(0)
    found = QueuedPrompt.objects.filter(conversation=conversation).select_related("author")
    queued = list(found.prefetch_related("files"))
    names = model_names(conversation.workspace, {(each.provider_code, each.model_id) for each in queued})
    prompts = [_view(each, grant, names[each.provider_code, each.model_id]) for each in queued]
    pause = _PAUSES[Pause(conversation.queue_pause)] if prompts and conversation.queue_pause else ""
    return Queue(conversation.queue_version, pause, prompts)


def queue_context(grant: Grant) -> dict[str, Any]:
    """Return the context of the queued prompts without their page."""
    return {
        "conversation": grant.conversation,
        "queue": queue_of(grant),
        "can_queue": grant.can_write,
    }


def _view(queued: QueuedPrompt, grant: Grant, model_name: str) -> QueuedView:
    is_mine = queued.author_id == grant.membership.user_id
    author_name = queued.author.display_name if queued.author else "A former member"
    refusal = queued.refusal
    if refusal and queued.is_refusal_personal and not is_mine:
        refusal = f"A limit of {author_name} was reached."
    return QueuedView(
        code=queued.code,
        text=queued.text[:BEGINNING],
        is_cut=len(queued.text) > BEGINNING,
        author_name="" if is_mine else author_name,
        is_mine=is_mine,
        model_name=model_name,
        refusal=refusal,
        wait=_wait(queued, grant, author_name, is_mine=is_mine),
        files=[attached(file) for file in queued.files.all()],
    )


def _wait(queued: QueuedPrompt, grant: Grant, author_name: str, *, is_mine: bool) -> Wait | None:
    # While the queue is paused, it waits for a person.
    if queued.awaited_limit is None or grant.conversation.queue_pause:
        return None
    is_hidden = queued.is_wait_personal and not is_mine
    words = f"a limit of {author_name}" if is_hidden else queued.awaited_words
    until = queued.not_before if queued.not_before and queued.not_before > now() else None
    earlier = QueuedPrompt.objects.filter(
        awaited_limit=queued.awaited_limit,
        waits_since__lt=queued.waits_since,
        conversation__queue_pause="",
        conversation__deleted_at=None,
    ).exclude(conversation=queued.conversation_id)
    if queued.is_wait_personal:
        earlier = earlier.filter(author=queued.author_id)
    return Wait(words, until, queued.not_before is None, earlier.count())
