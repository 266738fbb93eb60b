"""The simulation of a prompt that a member might send: its hold, and the limits that it would meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts import keys, ledger, money
from chat.flows.build_request import Choice, build_request
from chat.flows.hold_cost import size_hold
from chat.flows.open_run import new_run
from chat.flows.run_idempotently import Submission
from chat.models import Message
from playground.estimating.counting import tokens_of

if TYPE_CHECKING:
    from accounts.ledger import Allowance, Amounts
    from accounts.models import Membership
    from playground.models import Endpoint

# Ordinary English. Its count is what a prompt of so many tokens is counted as.
_WORD = "word "
_NO_CLICK = Submission(UUID(int=0), "")


@dataclass(frozen=True, slots=True)
class Met:
    """A limit that a run would meet, and the part of it that the run would hold."""

    allowance: Allowance
    needed: int
    # True if this limit alone would shorten the answer to the length that is sent.
    shortens: bool = False

    @property
    def needed_in_words(self) -> str:
        return money.in_words(self.needed, self.allowance.unit)

    @property
    def fits(self) -> bool:
        allowance = self.allowance
        return not self.needed or allowance.used + allowance.held + self.needed <= allowance.amount

    @property
    def refuses(self) -> bool:
        return not (self.fits or self.allowance.limit.is_soft)

    @property
    def lets_wait(self) -> bool:
        """Whether the prompt waits for the limit, unless another limit refuses it."""
        return self.refuses and self.allowance.limit.lets_wait and self.needed <= self.allowance.amount


@dataclass(frozen=True, slots=True)
class Simulation:
    held: Amounts
    # The length that would be sent along because of a limit, by its parameter; empty for none.
    sent: dict[str, int]
    met: list[Met]


def simulate_request(
    membership: Membership, endpoint: Endpoint, length: int, parameters: dict[str, Any]
) -> Simulation:
    """Size the hold of a prompt of ``length`` tokens in a new chat, as sending it would.

    :raises BodyInvalid: the model's schema refuses the request.
    :raises TranscriptRefused: the endpoint has no place for a text.
    :raises PriceMissing: the workspace refuses models without a price.
    """
    workspace, user = membership.workspace, membership.user
    choice = Choice(endpoint, parameters)
    prompt = Message(role=Message.Role.USER, text=_WORD * round(length / tokens_of(_WORD)), author=user)
    request = build_request(choice, workspace.pk, [prompt], asker=user)
    run = new_run(workspace, user, choice, request, _NO_CLICK)
    key = keys.resolve(workspace, user, run.provider_code, run.model_id)
    found = ledger.allowances(workspace, user, ledger.Target(run.provider_code, run.model_id, key))
    amounts, sent = size_hold(run, endpoint, request, _room(found))
    held = replace(amounts, concurrent=1)
    met = [
        Met(
            each,
            held.of(each.unit),
            bool(sent) and size_hold(run, endpoint, request, _room([each]))[1] == sent,
        )
        for each in found
    ]
    return Simulation(held, sent, met)


def _room(found: list[Allowance]) -> ledger.Room:
    """Return what limits leave, as a hold reads it: below zero where more was used than is allowed."""
    rest = [(each.unit, each.amount - each.used - each.held) for each in found if not each.limit.is_soft]
    return ledger.Room(tuple(rest))
