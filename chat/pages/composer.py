"""The composer: what it is set to, and what it says about a prompt that was refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils.functional import SimpleLazyObject

from accounts import keys
from accounts.fullness import NEAR_FROM
from accounts.pages.raises import asked_for
from accounts.permissions import Action, allows
from chat.flows.learn_statistics import statistics_of
from chat.flows.take_from_library import tools_in
from chat.flows.use_offered_settings import offered_settings
from chat.models import Conversation, Draft, StoredFile
from chat.pages.attaching import attached, attaching_at
from chat.pages.chat_defaults import put_defaults_into
from chat.pages.limit_offers import offers_for
from chat.pages.notices import form_start, shown
from playground import pricing
from playground.access import (
    as_decided,
    endpoint_of,
    endpoints_of,
    listed_models_for,
    models_for,
    successor_for,
    usable_model,
    why_unavailable,
)
from playground.models import Endpoint, Provider
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.known.help import position_of
from playground.parameters.known.warnings import refusal_warnings
from playground.parameters.schema.output_length import LENGTHS
from playground.prefill import why_no_prefill
from playground.upstream.dialects.registry import dialect_of, endpoint_kinds

if TYPE_CHECKING:
    from accounts.exceptions import LimitReached
    from accounts.models import Membership
    from chat.models import ComposerSetting
    from chat.pages.notices import Notice
    from playground.models import UpstreamModel
    from playground.parameters.form.errors import FormError
    from playground.parameters.form.parameter_form import ParameterForm
    from playground.upstream.dialects.dialect import Dialect


# A longer list of names would be more than the quiet line that an offer is.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reasons why a prompt was not sent, as the composer shows them."""

    errors: tuple[str, ...] = ()
    parameter_errors: tuple[FormError, ...] = ()
    limit: LimitReached | None = None
    # The reason why the model refuses the system prompt.
    system_error: str = ""
    # The model that cannot be asked without a key; it may be another than the composer's.
    keyless: UpstreamModel | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Parameters of the last chat that a new one can take over, by name, as texts, in the order of a form."""

    values: dict[str, str]

    @property
    def first(self) -> list[str]:
        return list(self.values)[:_NAMED]

    @property
    def text(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.values.items())

    @property
    def more(self) -> int:
        return max(0, len(self.values) - _NAMED)


@dataclass(slots=True)
class Composer:
    endpoint: Endpoint | None
    form: ParameterForm | None
    idempotency_key: UUID = field(default_factory=uuid4)
    prompt_text: str = ""
    # The system prompt of a new chat.
    system_text: str = ""
    # The owner of the default that it is: "member" or "workspace".
    system_of: str = ""
    # Sentences about what was left out of the setup that a link opened.
    notes: tuple[str, ...] = ()
    # Whether the switch of a temporary chat is on, for a new one.
    is_temporary: bool = False
    # The beginning of the answer.
    prefill: str = ""
    # Uploads that go with the prompt.
    attachments: list[StoredFile] = field(default_factory=list)
    # The reason why another model stands in for the one that was used here before.
    unavailable: str = ""
    # Changes of the parameters since they were chosen.
    notice: Notice | None = None
    offer: Offer | None = None
    refusal: Refusal = Refusal()


def composer_for(setting: ComposerSetting, membership: Membership) -> Composer:
    """Make a fresh composer, set to the last choice in this conversation or outside one."""
    endpoint = chosen_endpoint(setting, membership)
    start = form_start(setting, membership, endpoint)
    form = parameter_form(endpoint, None, start.parameters, setting.sending) if endpoint else None
    offer = offer_of(setting, endpoint, start.parameters)
    composer = Composer(endpoint, form, notice=start.notice, offer=offer)
    if isinstance(setting, Draft):
        composer.system_text, composer.system_of = setting.system_text, setting.system_of
    if isinstance(setting, Conversation):
        composer.prompt_text = setting.prompt_text
    if setting.model and (endpoint is None or endpoint.model_id != setting.model_id):
        composer.unavailable = why_unavailable(membership, setting.model)
    return composer


def offer_of(setting: ComposerSetting, endpoint: Endpoint | None, current: dict[str, Any]) -> Offer | None:
    """Return what a new chat with these parameters can take over from the last one; None if nothing."""
    if endpoint is None or not isinstance(setting, Draft):
        return None
    values = offered_settings(setting, endpoint, current)
    # PostgreSQL keeps the names of an object in an order of its own.
    names = sorted(values, key=lambda name: (position_of(name), name))
    return Offer({name: shown(values[name]) for name in names}) if values else None


def chosen_endpoint(setting: ComposerSetting, membership: Membership) -> Endpoint | None:
    """Return the endpoint of the last choice if it can still be used, else the catalogue's first."""
    if setting.model_id and (chosen := usable_model(membership, setting.model_id)):
        endpoint = endpoint_of(chosen, setting.endpoint_kind)
        if endpoint:
            return endpoint
    readable = Endpoint.objects.filter(kind__in=endpoint_kinds(), is_enabled=True)
    first = listed_models_for(membership).filter(pk__in=readable.values("model")).first()
    return endpoint_of(as_decided([first])[0], setting.endpoint_kind) if first else None


def draft_of(membership: Membership) -> Draft:
    """Return the setting of a member's next new chat, with the defaults for what they have not set."""
    found = Draft.objects.filter(user=membership.user, workspace=membership.workspace).first()
    draft = found or Draft(user=membership.user, workspace=membership.workspace)
    put_defaults_into(draft, membership)
    return draft


def opened_name(slug: str, prompt: str) -> str:
    """Name the draft of a prompt that was opened, not typed: a text typed in another new chat stays apart."""
    return f"{slug}:opened:{hashlib.sha256(prompt.encode()).hexdigest()[:16]}"


def composer_fields(membership: Membership, composer: Composer) -> dict[str, Any]:
    """Return what the templates of the composer and of its parameters need."""
    model = composer.endpoint.model if composer.endpoint else None
    if composer.endpoint and composer.form:
        composer.form.refusals = refusal_warnings(membership.workspace, composer.endpoint)
    refusal = composer.refusal
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "endpoint": composer.endpoint,
        "model": model,
        "near_from": NEAR_FROM,
        "output_lengths": " ".join(sorted(LENGTHS)),
        "output_usual": pricing.usual_bound(model, statistics_of(model.pk)) if model else 0,
        "attaching": attaching_at(composer.endpoint),
        # Only the parameters show them.
        "dialects": SimpleLazyObject(lambda: _dialects_of(model)),
        "unavailable": composer.unavailable,
        "successor": successor_for(membership, model) if model else None,
        "form": composer.form,
        "tool_names": tool_names(composer.form) if composer.form else [],
        "notice": composer.notice,
        "offer": composer.offer,
        "can_edit": allows(membership.role, Action.SEND),
        "idempotency_key": composer.idempotency_key,
        "prompt_text": composer.prompt_text,
        "notes": composer.notes,
        "prefill": composer.prefill,
        "takes_prefill": composer.endpoint is not None and not why_no_prefill(composer.endpoint),
        "prompt_errors": refusal.errors,
        "system_error": refusal.system_error,
        "parameter_errors": refusal.parameter_errors,
        "attachments": [attached(file) for file in composer.attachments],
        "refusal": refusal.limit,
        "asked": asked_for(membership, refusal.limit.code) if refusal.limit else None,
        "refusal_text": refusal.limit.text if refusal.limit else "",
        "offers": offers_for(membership, composer.endpoint, refusal.limit) if refusal.limit else None,
        **key_facts(membership, refusal.keyless or model),
        "lacks_key": refusal.keyless is not None,
        "suggestions": model.suggestions if model else [],
    }


def _dialects_of(model: UpstreamModel | None) -> list[Dialect]:
    return [dialect_of(endpoint.kind) for endpoint in endpoints_of(model)] if model else []


def tool_names(form: ParameterForm) -> list[str]:
    """Return the names of the tools that a form holds at the moment."""
    values = (form.value_of(name) for name, field in form.fields.items() if field.library == "tool")
    return [name for value in values for name in tools_in(value)]


def has_ready_model(membership: Membership) -> bool:
    """Return whether the member can use a model that is no demo: one without a key, or with a key to use."""
    usable = keys.usable_keys(membership.workspace, membership.user)
    real = models_for(membership).exclude(provider__kind=Provider.Type.DEMO)
    ready = real.filter(Q(provider__needs_key=False) | Q(provider__code__in=usable.providers))
    found = ready.values_list("provider__needs_key", "provider__code", "model_id")
    return any(not needs_key or usable.has(code, model_id) for needs_key, code, model_id in found.iterator())


def key_facts(membership: Membership, model: UpstreamModel | None) -> dict[str, Any]:
    """Describe the key that the model's provider needs, if the member has none, else the one that is used.

    The one that is used is named only where another one fits too.
    """
    if model is None or not model.provider.needs_key:
        return {"missing_key": None, "used_key": None}
    provider = model.provider
    usable = keys.usable_keys(membership.workspace, membership.user)
    fitting = usable.fitting(provider.code, model.model_id)
    missing = {
        "provider_name": provider.name,
        "code": provider.code,
        "can_add": allows(membership.role, Action.OWN_KEY),
        # A key that is there is for other models or people.
        "has_others": usable.has(provider.code),
    }
    return {
        "missing_key": None if fitting else missing,
        "used_key": fitting[0] if len(fitting) > 1 else None,
    }


def missing_key(membership: Membership, model: UpstreamModel | None) -> dict[str, Any] | None:
    """Describe the key that the model's provider needs and the member does not have; else return None."""
    found: dict[str, Any] | None = key_facts(membership, model)["missing_key"]
    return found
