"""The sentences about a simulated request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from accounts import keys, money
from accounts.permissions import Action, allows
from chat.exceptions import PromptRefused
from chat.flows.simulate_request import simulate_request
from playground.access import endpoint_of, why_unavailable
from playground.models import DEFAULT_KIND
from playground.parameters.form.body import BodyInvalid
from playground.parameters.schema.request_schema import request_schema_of
from playground.parameters.schema.sendable_length import sendable_length
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from accounts.ledger import Amounts
    from accounts.models import Membership
    from chat.flows.simulate_request import Met, Simulation
    from playground.models import Endpoint, UpstreamModel


def simulation_context(
    membership: Membership, model: UpstreamModel, length: int, most: int | None
) -> dict[str, Any]:
    """Return the context of ``chat/_simulation.html``; ``trouble`` says why nothing would be sent at all.

    :param membership: that of the member who would send the prompt.
    :param most: the longest answer to ask for, in tokens; None for no such wish.
    """
    endpoint = endpoint_of(model, DEFAULT_KIND)
    trouble = _trouble(membership, model)
    if trouble or endpoint is None:
        return {"trouble": trouble}
    parameters = _length(endpoint, most)
    if most is not None and not parameters:
        return {"trouble": f"{model.name} has no parameter for the length of an answer."}
    try:
        found = simulate_request(membership, endpoint, length, parameters)
    except BodyInvalid as refusal:
        return {"trouble": " ".join(message for _, message in refusal.errors)}
    except (PromptRefused, TranscriptRefused) as refusal:
        return {"trouble": str(refusal)}
    return {
        "verdict": _verdict(found),
        "is_refused": any(each.refuses for each in found.met),
        "held": _held_in_words(found.held),
        "met": [(each, _effect(each, found)) for each in found.met],
    }


def _trouble(membership: Membership, model: UpstreamModel) -> str:
    name, provider = membership.user.display_name, model.provider
    if not allows(membership.role, Action.SEND):
        return f"{name} is a viewer, who can't send prompts."
    if trouble := why_unavailable(membership, model):
        return trouble
    key_of = partial(keys.resolve, membership.workspace, membership.user)
    if provider.needs_key and key_of(provider.code, model.model_id) is None:
        return f"There is no key of {provider} that {name} could use."
    return ""


def _length(endpoint: Endpoint, most: int | None) -> dict[str, Any]:
    """Return the parameters that set the longest answer at an endpoint; empty if it has none."""
    schema = request_schema_of(endpoint)
    found = sendable_length(schema, {})
    return dict.fromkeys(found.names, most) if found and most is not None else {}


def _verdict(found: Simulation) -> str:
    refusing = [each for each in found.met if each.refuses]
    if lasting := [each.allowance for each in refusing if not each.lets_wait]:
        return f"This prompt would be refused by the limit of {lasting[0].limit.label}."
    if refusing:
        return f"This prompt would wait for the limit of {refusing[0].allowance.limit.label}."
    if found.sent:
        name, length = next(iter(found.sent.items()))
        return f"This prompt would be sent with {name} set to {length:,}, so that its answer fits the limits."
    return "This prompt would be sent." if found.met else "This prompt would be sent. No limit applies to it."


def _held_in_words(held: Amounts) -> str:
    """Name what is held in each unit that a limit can count, such as

    "$0.0016 (3,284 credits), 894 tokens (639 in, 255 out) and 1 request".
    """
    parts = f" ({held.input_tokens:,} in, {held.output_tokens:,} out)" if held.input_tokens else ""
    tokens = money.in_words(held.tokens, "tokens") + parts
    return f"{money.in_words(held.credits, 'credits')}, {tokens} and {money.in_words(1, 'requests')}"


def _effect(met: Met, found: Simulation) -> str:
    """Say what a limit would do to the prompt."""
    if met.lets_wait:
        until = "until others have ended" if met.allowance.resets_at is None else "until the limit resets"
        return f"This limit would let it wait {until}."
    if met.refuses:
        return "This limit would refuse it."
    if met.shortens:
        length = next(iter(found.sent.values()))
        return f"This limit would shorten the answer to at most {money.in_words(length, 'tokens')}."
    if not met.fits:
        return "People would be told, and it would be sent."
    return "It fits."
