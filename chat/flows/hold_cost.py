"""The hold of a run that is about to be opened: as much as its answer usually needs and the limits leave.

Where they leave less than the model may write, the length that is left is sent with the request, in the
endpoint's own parameter. An admin can switch that off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from accounts import ledger
from accounts.exceptions import LimitReached, Wanted
from chat.flows import follow_background
from chat.flows.build_request import is_refused
from chat.flows.learn_statistics import statistics_of
from playground import pricing
from playground.estimating.sizing import LEAST_OUTPUT, Size, Wish, size
from playground.parameters.schema.request_schema import request_schema_of
from playground.parameters.schema.sendable_length import Sendable, sendable_length

if TYPE_CHECKING:
    from accounts.models import User
    from chat.flows.build_request import BuiltRequest
    from chat.models import Run
    from playground.models import Endpoint

# Vendors whose models reason without sending it. Of others that is learned from their answers.
_HIDE_REASONING = frozenset({"openai"})


def hold_cost(run: Run, user: User, target: ledger.Target, endpoint: Endpoint, request: BuiltRequest) -> None:
    """Hold what an unsaved run may cost, and send along the length that a limit leaves.

    :raises LimitReached: a limit leaves less than the answer needs.
    """
    sizing = _Sizing(run, endpoint, request)
    estimate = sizing.estimate
    try:
        ledger.hold(run.code, run.workspace, user, sizing.amounts, target)
    except LimitReached as limit:
        limit.is_least, limit.wanted = not estimate.is_asked, sizing.wanted
        if sizing.wanted is not None:
            limit.usual = sizing.holding(sizing.wanted.output_tokens).of(limit.unit)
        raise
    run.covered_tokens = sizing.size.held
    run.counted_tokens, run.script, run.token_rate = estimate.counted, estimate.script, estimate.rate
    if sizing.sent is not None:
        run.set_by_limit = sizing.sent
        run.body = {**run.body, **run.set_by_limit}


def size_hold(
    run: Run, endpoint: Endpoint, request: BuiltRequest, room: ledger.Room
) -> tuple[ledger.Amounts, dict[str, int]]:
    """Return what an unsaved run would hold where its limits leave ``room``. Nothing is stored.

    Beside it stands the length that would be sent along, by its parameter; empty for none.
    """
    sizing = _Sizing(run, endpoint, request)
    return sizing.amounts(room), sizing.sent or {}


class _Sizing:
    """The decision how much a run holds, from the room that the ledger finds."""

    def __init__(self, run: Run, endpoint: Endpoint, request: BuiltRequest) -> None:
        self._run = run
        self._endpoint = endpoint
        self.estimate = request.estimate(endpoint.model)
        self.size = Size(self.estimate.output_tokens)
        self.sendable: Sendable | None = None
        # Set if the hold will be refused.
        self.wanted: Wanted | None = None

    def amounts(self, room: ledger.Room) -> ledger.Amounts:
        estimate, prices = self.estimate, self._run.prices
        if not estimate.output_tokens:
            return ledger.Amounts(estimate.credits, estimate.tokens, input_tokens=estimate.input_tokens)
        written_at = pricing.most_for_output(prices)
        read = pricing.cost(estimate.input_tokens, 0, prices.input, written_at)
        fixed = ledger.Amounts(credits=read, tokens=estimate.input_tokens)
        left = room.tokens(fixed, written_at / pricing.MILLION)
        wish = Wish(
            first=estimate.first_tokens,
            bound=estimate.output_tokens,
            longest=estimate.longest,
            is_asked=estimate.is_asked,
            can_stop=self._can_stop(),
        )
        if left is not None and (left < wish.most or not wish.can_stop):
            self.sendable = self._sendable()
            # An answer that a limit makes shorter than others could not be compared with them.
            shortens = self._run.workspace.shortens_answers and not self._run.made_for
            if self.sendable is not None and shortens:
                wish = replace(wish, sendable_from=self.sendable.least * estimate.copies)
        self.size = size(wish, left)
        self.wanted = self._refused(left) if left is not None and self.size.held > left else None
        return self.holding(self.size.held)

    def holding(self, output_tokens: int) -> ledger.Amounts:
        """Return the amounts of the prompt with an answer of that length."""
        estimate, prices = self.estimate, self._run.prices
        written_at = pricing.most_for_output(prices)
        return ledger.Amounts(
            credits=pricing.cost(estimate.input_tokens, output_tokens, prices.input, written_at),
            tokens=min(pricing.MOST, estimate.input_tokens + output_tokens),
            input_tokens=estimate.input_tokens,
            output_tokens=output_tokens,
        )

    @property
    def sent(self) -> dict[str, int] | None:
        """The parameters that send the length which a limit leaves; None if none is sent."""
        if self.size.sent is None or self.sendable is None:
            return None
        return self.sendable.parameters(self.size.sent // self.estimate.copies)

    def _can_stop(self) -> bool:
        """Return whether all that the model writes is seen while it writes."""
        if not self._run.is_streamed or follow_background.is_background(self._run):
            return False
        model = self._endpoint.model
        if "reasoning" not in model.capabilities:
            return True
        hides = statistics_of(model.pk).hides_reasoning
        return not (model.developer.casefold() in _HIDE_REASONING if hides is None else hides)

    def _sendable(self) -> Sendable | None:
        """Return how a length can be sent; None if it cannot."""
        endpoint = self._endpoint
        schema = request_schema_of(endpoint)
        found = sendable_length(schema, self._run.body)
        if found is None or any(is_refused(endpoint, self._run.workspace_id, name) for name in found.names):
            return None
        return found

    def _refused(self, left: int) -> Wanted:
        """Return what was wanted where that many tokens are left, and what would fit."""
        wanted = Wanted(self.estimate.input_tokens, max(self.size.held, self.estimate.first_tokens))
        length, sendable = left // self.estimate.copies, self.sendable
        if sendable is None or length < max(LEAST_OUTPUT, sendable.least):
            return wanted
        return replace(wanted, parameter=sendable.names[0], fitting=length)
