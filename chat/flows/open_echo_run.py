"""Calls of a provider's own tools whose arguments are returned unchanged, as Moonshot's ``$web_search`` asks.

The provider searches when it reads its own arguments again: https://platform.moonshot.ai/docs/guide/use-web-search
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

from accounts import keys
from accounts.exceptions import LimitReached
from accounts.models import Membership
from accounts.permissions import Action, allows
from chat.exceptions import ConversationGone, PromptRefused
from chat.flows.build_request import Choice
from chat.flows.return_tool_results import Result, return_tool_results
from chat.models import Conversation, Message, Run
from chat.transcript import branch, calls_of
from playground.access import models_for
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import User
    from playground.upstream.dialects.shared.transcript import ToolCall

logger = logging.getLogger(__name__)

BUILT_IN = "builtin_function"
# Answers in a row that are continued without a person. A model that goes on calling is stopped here.
MAX_ROUNDS = 8


def open_echo_run(answered_pk: int) -> Run | None:
    """Return the arguments of an answer's built-in calls as their results, and open the run that continues.

    ``answered_pk`` is the key of the run that has just finished. The new run belongs to the same user, under
    their limits and keys. If the answer asks for other calls too, or anything is missing, nothing happens:
    the page shows the form for results.
    """
    found = (
        Run.objects.select_related("answer__conversation", "workspace", "user", "endpoint__model__provider")
        .filter(pk=answered_pk, status=Run.Status.FINISHED, answer__isnull=False, stop_requested=False)
        .first()
    )
    if found is None or found.user is None or found.endpoint is None:
        return None
    calls = calls_of(found.message)
    if not calls or not are_echoed(calls, found.body) or not _may_go_on(found, found.user):
        return None
    results = [Result(call.arguments) for call in calls]
    # The same run is opened once, whichever processes ask.
    key = uuid.uuid5(found.code, "echo")
    try:
        choice = Choice.of(found.endpoint, found.parameters, found.message.conversation.sending)
        return return_tool_results(found.message, found.user, results, choice, key)
    except (BodyInvalid, ConversationGone, LimitReached, PromptRefused, TranscriptRefused) as refusal:
        logger.info("The calls of run %s are not echoed: %s", found.code, type(refusal).__name__)
        return None


def are_echoed(calls: Sequence[ToolCall], body: dict[str, Any]) -> bool:
    """Tell whether all calls are of tools that the provider runs once it has their arguments back."""
    built_in = set(_built_in(body.get("tools")))
    return all(call.name in built_in for call in calls)


def _built_in(tools: Any) -> Iterable[str]:
    for each in tools if isinstance(tools, list) else ():
        function = each.get("function") if isinstance(each, dict) else None
        if isinstance(function, dict) and each.get("type") == BUILT_IN:
            yield str(function.get("name"))


def _may_go_on(run: Run, user: User) -> bool:
    """Tell whether the user may still send here, the page has moved nowhere else, and rounds are left."""
    conversation = Conversation.objects.filter(pk=run.message.conversation_id, head=run.answer_id).first()
    membership = (
        Membership.objects.select_related("workspace", "user")
        .filter(user=user, workspace=run.workspace)
        .first()
    )
    if conversation is None or membership is None or not allows(membership.role, Action.SEND):
        return False
    model = run.endpoint.model if run.endpoint else None
    if model is None or not models_for(membership).filter(pk=model.pk).exists():
        return False
    provider = model.provider
    has_key = not provider.needs_key or keys.resolve(run.workspace, user, provider.code, model.model_id)
    return bool(has_key) and _rounds(conversation, run.message) < MAX_ROUNDS


def _rounds(conversation: Conversation, answer: Message) -> int:
    """Return the number of answers in a row, before this one, that only called tools."""
    found = 0
    for message in reversed(branch(conversation, answer.pk)[:-1]):
        if message.role == Message.Role.USER:
            break
        found += message.role == Message.Role.ASSISTANT
    return found
