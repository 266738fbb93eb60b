from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField

from accounts import keys
from accounts.exceptions import LimitReached
from accounts.models import Membership
from accounts.permissions import Action, allows
from accounts.prepared import prepared
from chat.exceptions import ConversationGone, PriceMissing
from chat.flows.build_request import BuiltRequest, Choice, write_request
from chat.flows.lock_conversation import lock_conversation
from chat.flows.open_run import open_single_run
from chat.flows.run_idempotently import Submission
from chat.models import Message, Run, TitleSetting
from chat.titles import title_request
from chat.transcript import branch
from playground.access import as_decided, endpoint_of, models_for
from playground.models import DEFAULT_KIND
from playground.parameters.form.body import BodyInvalid
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.request_schema import request_schema_of
from playground.parameters.schema.spec import Kind
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from chat.models import Conversation
    from playground.models import Endpoint, UpstreamModel

logger = logging.getLogger(__name__)

_REFUSALS = (BodyInvalid, ConversationGone, IntegrityError, LimitReached, PriceMissing, TranscriptRefused)

# The most tokens of a title, and of one by a model that may think first.
TITLE_TOKENS, TITLE_TOKENS_WITH_THOUGHTS = 64, 1024


def open_title_run(answered_pk: int) -> Run | None:
    """Open the run that makes a title of a conversation's first exchange, or return None.

    ``answered_pk`` is the key of the run that has just ended. The title is booked to its user, under
    their limits and with the keys of their own runs. If anything is missing, the title made from the prompt
    stays. A conversation gets one such run at most: whatever becomes of it, it is not repeated.
    """
    found = _first_answer(answered_pk)
    if found is None or found.user is None:
        return None
    endpoint = _endpoint_for(found, found.user)
    if endpoint is None:
        return None
    try:
        with transaction.atomic():
            return _open(found, found.user, endpoint)
    except _REFUSALS as refusal:
        logger.info("No title is made for run %s: %s", found.code, type(refusal).__name__)
        return None


def _first_answer(pk: int) -> Run | None:
    """Load the run if it has brought the first text of a conversation that a model is to give a title."""
    found = next(iter(_without_title(pk=pk)), None)
    if found is None:
        return None
    earlier = Run.objects.filter(conversation=found.thread, status=Run.Status.FINISHED).exclude(pk=found.pk)
    return None if earlier.exclude(answer__text="").exists() else found


@prepared(pk=BigIntegerField())
def _without_title(pk: Any) -> QuerySet[Run]:
    """Return the run if its answer has a text, and its conversation needs a title by a model."""
    return (
        Run.objects.select_related("conversation", "answer", "workspace", "user")
        .filter(
            pk=pk,
            status=Run.Status.FINISHED,
            workspace__title_setting__isnull=False,
            conversation__is_title_chosen=False,
            conversation__is_temporary=False,
            # A column has the title of its comparison.
            conversation__column_of__isnull=True,
            conversation__title_run__isnull=True,
        )
        .exclude(answer__text="")
    )


def _endpoint_for(run: Run, user: User) -> Endpoint | None:
    """Return the endpoint of the workspace's choice, if the user may use it and has a key for it."""
    membership = Membership.objects.select_related("workspace").filter(user=user, workspace=run.workspace)
    member = membership.first()
    if member is None or not allows(member.role, Action.SEND):
        return None
    chosen = TitleSetting.objects.filter(workspace=run.workspace).values("model")
    models = as_decided(models_for(member).filter(pk__in=chosen))
    if not models:
        return None
    provider = models[0].provider
    if provider.needs_key and not keys.resolve(run.workspace, user, provider.code, models[0].model_id):
        return None
    return endpoint_of(models[0], DEFAULT_KIND)


def _open(answered: Run, user: User, endpoint: Endpoint) -> Run | None:
    conversation = lock_conversation(answered.thread)
    if conversation.is_title_chosen:
        return None
    choice, request = _request(answered, conversation, endpoint)
    submission = Submission.of(uuid.uuid4(), "title", conversation.code)
    return open_single_run(answered.workspace, user, choice, request, submission, conversation)


def _request(answered: Run, conversation: Conversation, endpoint: Endpoint) -> tuple[Choice, BuiltRequest]:
    messages = branch(conversation, answered.message.pk)
    prompt = next((message.text for message in messages if message.role == Message.Role.USER), "")
    # A conversation that began with files alone has their name as its title.
    prompt = prompt or conversation.title
    return write_title_request(endpoint, conversation.workspace_id, prompt, answered.message.text)


def write_title_request(
    endpoint: Endpoint, workspace_id: int, prompt: str, answer: str
) -> tuple[Choice, BuiltRequest]:
    """Write the request for the title of an exchange. It raises the errors of :func:`write_request`."""
    transcript = title_request(prompt, answer)
    choice = Choice(endpoint, length_for(endpoint, TITLE_TOKENS, TITLE_TOKENS_WITH_THOUGHTS))
    try:
        return choice, write_request(choice, workspace_id, transcript)
    except BodyInvalid:
        # The schema may refuse the length, for example beside what is set for the whole provider.
        choice = Choice(endpoint, {})
        return choice, write_request(choice, workspace_id, transcript)


def length_for(endpoint: Endpoint, tokens: int, with_thoughts: int) -> dict[str, Any]:
    """Return the parameter that keeps the answer short, if the schema has one.

    A model that may think first gets the tokens ``with_thoughts``.
    """
    schema = request_schema_of(endpoint)
    most = with_thoughts if _may_think(endpoint.model) else tokens
    numbers = {spec.name: spec for spec in schema.specs if spec.kind in (Kind.INTEGER, Kind.NUMBER)}
    # A model that has several of them may refuse all but the first.
    spec = next((numbers[name] for name in OUTPUT_LENGTHS if name in numbers), None)
    if spec is None:
        return {}
    return {spec.name: int(min(max(most, spec.minimum or 0), spec.maximum or most))}


def _may_think(model: UpstreamModel) -> bool:
    # It is not known of the models of a workspace's own servers whether they reason.
    return "reasoning" in model.capabilities or model.provider.workspace_id is not None
