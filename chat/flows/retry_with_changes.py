"""Retries of a prompt with changed parameters, after an upstream refused some or cut the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.flows.build_request import Choice
from chat.flows.regenerate_answer import regenerate_answer
from playground.parameters.form.carrying import carry_over

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from accounts.models import User
    from chat.models import Run
    from playground.models import Endpoint
    from playground.parameters.known.longer_limit import LongerLimit


def retry_without(run: Run, user: User, names: Collection[str], endpoint: Endpoint, key: UUID) -> Run:
    """Open a run for another answer beside that of ``run``, without these parameters.

    The conversation no longer has them either. Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    parameters = {name: value for name, value in current_parameters(run).items() if name not in names}
    return regenerate_answer(run.message, user, choice_for(run, endpoint, parameters), key)


def retry_longer(run: Run, user: User, change: LongerLimit, endpoint: Endpoint, key: UUID) -> Run:
    """Open a run for a longer answer beside that of ``run``. Errors as in :func:`retry_without`."""
    parameters = {**current_parameters(run), change.name: change.value}
    return regenerate_answer(run.message, user, choice_for(run, endpoint, parameters), key)


def retry_shorter(run: Run, user: User, name: str, value: int, endpoint: Endpoint, key: UUID) -> Run:
    """Open a run with a lower limit of its answer. Errors as in :func:`retry_without`."""
    parameters = {**current_parameters(run), name: value}
    return regenerate_answer(run.message, user, choice_for(run, endpoint, parameters), key)


def retry_elsewhere(run: Run, user: User, endpoint: Endpoint, key: UUID) -> Run:
    """Open a run for an answer of another model, which the conversation then has.

    It gets the parameters that it accepts. Errors as in :func:`retry_without`.
    """
    parameters = carry_over(endpoint, current_parameters(run)).kept
    return regenerate_answer(run.message, user, choice_for(run, endpoint, parameters), key)


def choice_for(run: Run, endpoint: Endpoint, parameters: dict[str, Any]) -> Choice:
    """Return a choice that is sent as the conversation of ``run`` is."""
    return Choice.of(endpoint, parameters, run.thread.sending)


def current_parameters(run: Run) -> dict[str, Any]:
    """Return the parameters of the composer, or those of the run if the composer has another model by now."""
    conversation = run.thread
    is_same = run.endpoint is not None and conversation.is_for(run.endpoint)
    parameters: dict[str, Any] = conversation.parameters if is_same else run.parameters
    return parameters
