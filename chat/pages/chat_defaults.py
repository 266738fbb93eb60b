"""The defaults of new chats: which of them apply, and the forms that set them.

A member's default comes before the workspace's, for the model and for the system prompt alike. A default
model that the member cannot use now is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q

from accounts import keys
from accounts.permissions import Action, allows
from chat.models import ChatDefault
from chat.pages.model_choice import ModelChoice, model_choice
from playground.access import models_for
from playground.models import Endpoint
from playground.upstream.dialects.registry import endpoint_kinds

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Draft
    from playground.models import UpstreamModel


def put_defaults_into(draft: Draft, membership: Membership) -> None:
    """Fill in what the member has not set in their next new chat, without saving it.

    A chat that is begun keeps its model. A system prompt that the member wrote or removed stays so.
    """
    if (draft.is_begun and draft.is_system_set) or not allows(membership.role, Action.SEND):
        return
    defaults = _defaults_for(membership)
    if not draft.is_begun and (model := _first_usable(defaults, membership)) and model.pk != draft.model_id:
        draft.model, draft.schema_digest, draft.set_aside = model, "", {}
    if not draft.is_system_set and (found := next((each for each in defaults if each.system_text), None)):
        draft.system_text = found.system_text
        draft.system_of = "member" if found.member_id else "workspace"


def _defaults_for(membership: Membership) -> list[ChatDefault]:
    """Return the member's default and the workspace's, in this order, as far as they are set."""
    found = ChatDefault.objects.filter(
        Q(member=membership.user) | Q(member=None), workspace=membership.workspace
    )
    return list(found.order_by(F("member").asc(nulls_last=True)))


def _first_usable(defaults: list[ChatDefault], membership: Membership) -> UpstreamModel | None:
    """Return the first default model that the member can use and has a key for."""
    chosen = [each.model_id for each in defaults if each.model_id]
    if not chosen:
        return None
    readable = Endpoint.objects.filter(kind__in=endpoint_kinds(), is_enabled=True)
    usable = models_for(membership).filter(pk__in=chosen).filter(pk__in=readable.values("model"))
    found = {model.pk: model for model in usable}
    ready = [found[pk] for pk in chosen if pk in found]
    if not any(model.provider.needs_key for model in ready):
        return ready[0] if ready else None
    given = keys.usable_keys(membership.workspace, membership.user)
    return next(
        (
            each
            for each in ready
            if not each.provider.needs_key or given.has(each.provider.code, each.model_id)
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class DefaultChoice(ModelChoice):
    """The models to choose a default from, the chosen one, and the system prompt."""

    system_text: str = ""


def default_choice(membership: Membership, ready: list[UpstreamModel], member: User | None) -> DefaultChoice:
    """Return what the member has set for their new chats; without ``member``, what the workspace has."""
    kept = ChatDefault.objects.filter(workspace=membership.workspace, member=member).first() or ChatDefault()
    found = model_choice(membership, ready, kept.model_id)
    trouble = found.trouble
    if found.chosen is None and kept.model_name:
        trouble = f"{kept.model_name} is no longer in the catalogue."
    return DefaultChoice(found.groups, found.chosen, trouble, kept.system_text)
