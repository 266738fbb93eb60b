from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.carrying import Choices, carry_to
from playground.parameters.form.parameter_form import parameter_form

if TYPE_CHECKING:
    from playground.models import Endpoint


@dataclass(frozen=True, slots=True)
class FittedParameters:
    """Parameters as an endpoint takes them, and those for which its schema has no place."""

    parameters: dict[str, Any]
    lacking: dict[str, Any] = field(default_factory=dict)


def fit_parameters(endpoint: Endpoint, parameters: dict[str, Any], kind: str = "") -> FittedParameters:
    """Write parameters in the shapes of an endpoint. They were chosen at one of ``kind``, or for any.

    A value that the schema has a place for and refuses stays as it is, so that its request is refused with
    the reason and nobody takes the answers for those of another value.
    """
    if not parameters:
        return FittedParameters({})
    carried = carry_to(endpoint, Choices(parameters, kind or endpoint.kind))
    known = parameter_form(endpoint).fields.keys()
    fitted, lacking = dict(carried.kept), {}
    for each in carried.dropped:
        if each.name in known:
            fitted.setdefault(each.name, each.value)
        else:
            lacking[each.name] = each.value
    return FittedParameters(fitted, lacking)
