"""The context of the playground page and of the fragments that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.urls import reverse

from accounts import keys, ledger
from accounts.access import memberships_of
from accounts.permissions import Action, allows
from chat.models import Draft, Run, StoredFile
from chat.pages.attaching import attached, attaching_at
from chat.pages.messages import Thread, opening, turns_before
from chat.pages.notices import setting_for
from chat.pages.sidebar import sidebar_groups
from playground.access import (
    as_decided,
    endpoint_of,
    endpoints_of,
    listed_models_for,
    models_for,
    why_unavailable,
)
from playground.models import Endpoint
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.known.warnings import refusal_warnings
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.upstream.dialects.registry import dialect_of, endpoint_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.exceptions import LimitReached
    from accounts.models import Membership, Workspace
    from chat.access import Grant
    from chat.models import Conversation, Message
    from chat.pages.notices import Notice
    from playground.models import UpstreamModel
    from playground.parameters.form.errors import FormError
    from playground.parameters.form.parameter_form import ParameterForm


@dataclass(slots=True)
class Composer:
    """What the composer is set to, and what it has to say."""

    endpoint: Endpoint | None
    form: ParameterForm | None
    idempotency_key: UUID
    prompt_text: str = ""
    prompt_errors: tuple[str, ...] = ()
    # What is wrong with the parameters.
    parameter_errors: list[FormError] = field(default_factory=list)
    refusal: LimitReached | None = None
    # Uploads that go with the prompt.
    attachments: list[StoredFile] = field(default_factory=list)
    # Sending was tried without a key.
    lacks_key: bool = False
    # Why the model that was used here before is not the chosen one any more.
    unavailable: str = ""
    # What became of the parameters since they were chosen.
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Can:
    send: bool
    rename: bool
    share: bool
    delete: bool
    manage: bool


def composer_for(setting: Conversation | Draft, membership: Membership) -> Composer:
    """A fresh composer, set to what was chosen last in this conversation or outside one."""
    endpoint = chosen_endpoint(setting, membership)
    start = setting_for(setting, membership, endpoint)
    form = parameter_form(endpoint, initial=start.parameters) if endpoint else None
    composer = Composer(endpoint, form, uuid4(), notice=start.notice)
    if setting.model and (endpoint is None or endpoint.model_id != setting.model_id):
        composer.unavailable = why_unavailable(membership, setting.model)
    return composer


def chosen_endpoint(setting: Conversation | Draft, membership: Membership) -> Endpoint | None:
    """The endpoint that was chosen last, if it can still be used, else the catalogue's first."""
    models = models_for(membership)
    if setting.model_id and (chosen := models.filter(pk=setting.model_id).first()):
        endpoint = endpoint_of(as_decided([chosen])[0], setting.endpoint_kind)
        if endpoint:
            return endpoint
    readable = Endpoint.objects.filter(kind__in=endpoint_kinds())
    first = listed_models_for(membership).filter(pk__in=readable.values("model")).first()
    return endpoint_of(as_decided([first])[0], setting.endpoint_kind) if first else None


def draft_of(membership: Membership) -> Draft:
    draft = Draft.objects.filter(user=membership.user, workspace=membership.workspace).first()
    return draft or Draft(user=membership.user, workspace=membership.workspace)


def new_chat_context(membership: Membership, composer: Composer) -> dict[str, Any]:
    role = membership.role
    sends = allows(role, Action.SEND)
    slug = membership.workspace.slug
    return {
        "conversation": None,
        "head": "",
        "thread": Thread([]),
        "can": Can(sends, False, False, False, allows(role, Action.MANAGE_PEOPLE)),
        "send_url": reverse("chat:start", args=[slug]),
        "configure_url": reverse("chat:configure_new", args=[slug]),
        "live_run": "",
        **_composer(membership, composer),
        **_around(membership, [each.workspace for each in memberships_of(membership.user)], None),
    }


def conversation_context(grant: Grant, composer: Composer) -> dict[str, Any]:
    conversation = grant.conversation
    thread = opening(grant)
    shown = thread.turns
    # As the thread was read, not asked anew: a composer that waited for the end of an answer that is
    # shown as ended would wait for ever.
    last = shown[-1].run if shown else None
    live_run = str(last.code) if last and last.is_live else ""
    return {
        "conversation": conversation,
        "head": str(conversation.head.code) if conversation.head else "",
        "thread": thread,
        **_composer_at(grant, composer, live_run),
        **_around(grant.membership, grant.workspaces, conversation.code),
    }


def composer_context(grant: Grant, composer: Composer) -> dict[str, Any]:
    """What the composer of an existing conversation needs, where no page is made with it."""
    return _composer_at(grant, composer, _live_run(grant.conversation))


def _composer_at(grant: Grant, composer: Composer, live_run: str) -> dict[str, Any]:
    conversation = grant.conversation
    return {
        "conversation": conversation,
        "can": _can(grant),
        "send_url": reverse("chat:send", args=[conversation.code]),
        "configure_url": reverse("chat:configure", args=[conversation.code]),
        "live_run": live_run,
        **_composer(grant.membership, composer),
    }


def earlier_context(grant: Grant, message: Message) -> dict[str, Any]:
    """The messages above ``message``."""
    conversation = grant.conversation
    return {
        "workspace": conversation.workspace,
        "conversation": conversation,
        "can": _can(grant),
        "thread": turns_before(grant, message),
    }


def page_fragment_context(grant: Grant) -> dict[str, Any]:
    """What the fragments need that a socket or a small response brings up to date."""
    conversation = grant.conversation
    return {
        "workspace": conversation.workspace,
        "conversation": conversation,
        "can": _can(grant),
        "head": str(conversation.head.code) if conversation.head else "",
        "live_run": _live_run(conversation),
        "allowances": ledger.allowances(conversation.workspace, grant.membership.user),
        "sidebar_groups": sidebar_groups(grant.membership, conversation.code),
    }


def _live_run(conversation: Conversation) -> str:
    live = Run.objects.filter(answer=conversation.head_id, status__in=Run.LIVE).values_list("code", flat=True)
    return next((str(code) for code in live), "")


def _can(grant: Grant) -> Can:
    mine = grant.is_owner and grant.can_send
    manages = allows(grant.membership.role, Action.MANAGE_PEOPLE)
    return Can(grant.can_send, grant.can_send, mine, mine, manages)


def _composer(membership: Membership, composer: Composer) -> dict[str, Any]:
    model = composer.endpoint.model if composer.endpoint else None
    if composer.endpoint and composer.form:
        composer.form.refusals = refusal_warnings(membership.workspace, composer.endpoint)
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "endpoint": composer.endpoint,
        "model": model,
        "output_lengths": " ".join(OUTPUT_LENGTHS),
        "attaching": attaching_at(composer.endpoint),
        "dialects": [dialect_of(endpoint.kind) for endpoint in endpoints_of(model)] if model else [],
        "unavailable": composer.unavailable,
        "form": composer.form,
        "notice": composer.notice,
        "can_edit": allows(membership.role, Action.SEND),
        "idempotency_key": composer.idempotency_key,
        "prompt_text": composer.prompt_text,
        "prompt_errors": composer.prompt_errors,
        "parameter_errors": composer.parameter_errors,
        "attachments": [attached(file) for file in composer.attachments],
        "refusal": composer.refusal,
        "refusal_text": composer.refusal.text if composer.refusal else "",
        "missing_key": missing_key(membership, model),
        "lacks_key": composer.lacks_key,
        "suggestions": model.suggestions if model else [],
    }


def missing_key(membership: Membership, model: UpstreamModel | None) -> dict[str, Any] | None:
    """What to say where the model's provider wants a key and there is none to use."""
    if model is None or not model.provider.needs_key:
        return None
    if keys.resolve(membership.workspace, membership.user, model.provider.code):
        return None
    return {
        "provider_name": model.provider.name,
        "can_add": allows(membership.role, Action.OWN_KEY),
        "url": reverse("playground:keys", args=[membership.workspace.slug]),
    }


def _around(membership: Membership, workspaces: Iterable[Workspace], current: UUID | None) -> dict[str, Any]:
    """What stands beside the thread and the composer of a page."""
    return {
        "workspaces": list(workspaces),
        "sidebar_groups": sidebar_groups(membership, current),
        "allowances": ledger.allowances(membership.workspace, membership.user),
    }
