"""Frames for answers that have ended: the stored answer, whole, in place of the streamed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, UUIDField
from django.template.loader import get_template

from accounts.prepared import prepared
from chat.access import get_conversation_for
from chat.models import Run
from chat.pages.conversation import live_run_of, page_fragment_context
from chat.pages.messages import message_view
from chat.transcript import Tree

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from chat.access import Grant
    from chat.models import Conversation


def done(user: User, conversation_code: UUID, run_code: UUID) -> str:
    """Render the stored answer as a whole, in place of the streamed one."""
    grant = get_conversation_for(user, conversation_code)
    conversation = grant.conversation
    run = Run.objects.select_related("answer").get(code=run_code, conversation=conversation)
    return frames_of([run], grant, live_run_of(conversation), Tree(conversation))[run_code]


def ended_of(conversation: Conversation, codes: list[UUID]) -> dict[UUID, Run]:
    """Return those of the runs that have ended, with their answers."""
    if not codes:
        return {}
    return {run.code: run for run in _ended(conversation=conversation.pk, codes=list(codes))}


@prepared(conversation=BigIntegerField(), codes=UUIDField())
def _ended(conversation: Any, codes: Any) -> QuerySet[Run]:
    found = Run.objects.filter(conversation_id=conversation, code__in=codes)
    return found.exclude(status__in=Run.LIVE).select_related("answer")


def frames_of(runs: list[Run], grant: Grant, live_run: str, tree: Tree) -> dict[UUID, str]:
    """Render the frames for the ends of runs, by their codes."""
    if not runs:
        return {}
    context, template = page_fragment_context(grant, live_run), get_template("chat/frames/done.html")
    messages = {run.code: message_view(grant, run.message, tree) for run in runs}
    return {code: template.render(context | {"message": message}) for code, message in messages.items()}
