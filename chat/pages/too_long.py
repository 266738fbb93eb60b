"""Help for prompts that do not fit the model's context: a new chat, another model, a shorter answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import keys
from chat.models import Run
from playground.access import as_decided, listed_models_for
from playground.models import Endpoint
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.upstream.dialects.registry import endpoint_kinds
from playground.upstream.errors.context_limits import ContextExceeded, context_exceeded
from playground.upstream.errors.exceptions import FailureKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Membership
    from playground.models import UpstreamModel

MOST_MODELS = 3
# Finish reasons of an answer that filled the context, in lower case.
CONTEXT_REASONS = frozenset(
    {"model_length", "model_context_window_exceeded", "context_length_exceeded", "context_length"}
)
# llama.cpp answered with 500 where others have 400.
_KINDS = frozenset({FailureKind.BAD_REQUEST, FailureKind.IN_STREAM, FailureKind.SERVER})
# Providers count the tokens of a prompt somewhat differently from one request to the next.
_MARGIN = 32


@dataclass(frozen=True, slots=True)
class ShorterLimit:
    """The length parameter to lower, so that prompt and answer fit."""

    name: str
    now: int
    value: int


@dataclass(frozen=True, slots=True)
class LongerModel:
    pk: int
    name: str
    context_length: int


@dataclass(frozen=True, slots=True)
class WaysOut:
    workspace: str
    models: tuple[LongerModel, ...]
    shorter: ShorterLimit | None


def context_of(run: Run) -> ContextExceeded | None:
    """Return the figures of a run whose prompt or answer did not fit the context; None for all others."""
    error = run.error or {}
    if error.get("kind") in _KINDS and error.get("status") != 429:
        return context_exceeded(f"{error.get('message', '')}\n{error.get('detail', '')}")
    return ContextExceeded() if run.finish_reason.lower() in CONTEXT_REASONS else None


def shorter_limit(run: Run, found: ContextExceeded) -> ShorterLimit | None:
    """Return the limit that leaves the prompt its room; None if the answer's limit is not the cause."""
    if not found.is_for_the_answer or found.limit is None or found.prompt is None:
        return None
    asked = {name: run.parameters.get(name) for name in OUTPUT_LENGTHS}
    numbers = {name: value for name, value in asked.items() if type(value) is int}
    value = found.limit - found.prompt - _MARGIN
    name = max(numbers, key=lambda name: numbers[name], default="")
    return ShorterLimit(name, numbers[name], value) if name and 0 < value < numbers[name] else None


def ways_out(runs: Collection[Run], membership: Membership) -> dict[int, WaysOut]:
    """Return the ways out by the keys of the runs that need one. Three queries, or none."""
    found = {run.pk: (run, context) for run in runs if (context := context_of(run))}
    if not found:
        return {}
    longer = _usable(membership)
    used = Endpoint.objects.filter(pk__in=[run.endpoint_id for run, _ in found.values()]).select_related(
        "model"
    )
    models = {endpoint.pk: endpoint.model for endpoint in used.defer("request_schema")}
    return {
        pk: WaysOut(
            membership.workspace.slug,
            _longer(longer, models.get(run.endpoint_id or 0), context),
            shorter_limit(run, context),
        )
        for pk, (run, context) in found.items()
    }


def _usable(membership: Membership) -> list[UpstreamModel]:
    """Return the models with a known context that the member can use at once, shortest context first."""
    readable = Endpoint.objects.filter(kind__in=endpoint_kinds())
    models = listed_models_for(membership).filter(context_length__gt=0, pk__in=readable.values("model"))
    ready = keys.usable_keys(membership.workspace, membership.user)
    return [
        model
        for model in as_decided(models.order_by("context_length", "pk"))
        if not model.provider.needs_key or ready.has(model.provider.code, model.model_id)
    ]


def _longer(
    usable: list[UpstreamModel], used: UpstreamModel | None, context: ContextExceeded
) -> tuple[LongerModel, ...]:
    """Return the models that fit, those of the same provider first."""
    known = used.context_length if used else None
    needed = max(context.limit or known or 0, context.prompt or 0)
    fitting = [
        model
        for model in usable
        if (model.context_length or 0) > needed and (not used or model.pk != used.pk)
    ]
    fitting.sort(key=lambda model: used is None or model.provider_id != used.provider_id)
    return tuple(
        LongerModel(model.pk, model.name, model.context_length or 0) for model in fitting[:MOST_MODELS]
    )
