from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts import keys
from accounts.permissions import Action
from chat.access import get_conversation_for
from chat.exceptions import NotSendable
from chat.flows.build_request import Choice
from playground.access import get_endpoint_for, why_unavailable

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import QueuedPrompt
    from playground.models import Endpoint


def checked_choice(queued: QueuedPrompt) -> tuple[User, Choice]:
    """Return the author and the choice of a queued prompt, after checking anew what Send checks.

    :raises NotSendable: the author may no longer write, or use the model, or has no key for it.
    """
    author = queued.author
    if author is None or not author.is_active:
        raise NotSendable("The person who wrote this prompt has left.")
    try:
        membership = get_conversation_for(author, queued.conversation.code, Action.SEND).membership
    except (Http404, PermissionDenied):
        raise NotSendable(f"{author.display_name} can no longer write here.") from None
    endpoint = _endpoint(queued, membership)
    provider, model_id = endpoint.model.provider, endpoint.model.model_id
    if provider.needs_key and not keys.resolve(membership.workspace, author, provider.code, model_id):
        raise NotSendable(f"There is no API key for {provider.name} any more.")
    sending = queued.is_streamed, queued.reports_usage
    return author, Choice(endpoint, queued.parameters, *sending, queued.prefill)


def _endpoint(queued: QueuedPrompt, membership: Membership) -> Endpoint:
    if queued.endpoint is None:
        raise NotSendable("The model of this prompt is no longer in the catalogue.")
    try:
        return get_endpoint_for(membership, queued.endpoint.pk)
    except Http404:
        model = queued.endpoint.model
        why = why_unavailable(membership, model) or f"{model.name} cannot be used here any more."
        raise NotSendable(why) from None
