"""Parameters of a stored prompt or of an experiment, as the generated form of a model edits them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import Http404, QueryDict

from chat.pages.notices import shown
from playground.access import get_endpoint_for
from playground.carrying import Choices, carry_to
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.form.parsing import EntryError, parse_json
from playground.parameters.known.warnings import refusal_warnings

if TYPE_CHECKING:
    from accounts.models import Membership
    from playground.models import Endpoint
    from playground.parameters.form.parameter_form import ParameterForm

# Values that a page may post beside its form.
_MOST_LEFT = 200


@dataclass(frozen=True, slots=True)
class LeftValue:
    """A value that the endpoint does not take. It is kept until a person removes it."""

    name: str
    value: Any
    reason: str

    @property
    def text(self) -> str:
        return shown(self.value)

    @property
    def posted(self) -> str:
        return json.dumps([self.name, self.value, self.reason], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class EditedParameters:
    """The form of an endpoint, the values beside it, and all values as they were before an edit."""

    endpoint: Endpoint
    form: ParameterForm
    left: tuple[LeftValue, ...] = ()
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """All valid values, in the order in which they were before."""
        values = dict(self.form.parameters)
        for each in self.left:
            # A part of a list may have stayed in the form.
            there = values.get(each.name)
            if each.name not in values:
                values[each.name] = each.value
            elif isinstance(there, list) and isinstance(each.value, list):
                values[each.name] = [*there, *each.value]
        if values == self.before:
            # An untouched page changes nothing, not even 1 to 1.0.
            return self.before
        first = [name for name in self.before if name in values]
        return {name: values[name] for name in (*first, *values)}

    @property
    def before_text(self) -> str:
        return json.dumps(self.before, ensure_ascii=False)

    def is_valid(self) -> bool:
        return not self.form.is_bound or self.form.is_valid()


def edited_values(
    membership: Membership, endpoint: Endpoint, parameters: dict[str, Any], kind: str
) -> EditedParameters:
    """Return the form with parameters that were chosen at an endpoint of the kind ``kind``."""
    carried = carry_to(endpoint, Choices(parameters, kind))
    form = parameter_form(endpoint, None, carried.kept)
    form.refusals = refusal_warnings(membership.workspace, endpoint)
    left = tuple(LeftValue(each.name, each.value, each.reason) for each in carried.dropped)
    before = parameters if endpoint.kind == kind else {}
    return EditedParameters(endpoint, form, left, before)


def posted_parameters(membership: Membership, data: QueryDict) -> EditedParameters | None:
    """Return the form as it is posted; None if there was none, or its endpoint is gone."""
    number = data.get("endpoint", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    try:
        endpoint = get_endpoint_for(membership, int(number))
    except Http404:
        return None
    form = parameter_form(endpoint, data)
    form.refusals = refusal_warnings(membership.workspace, endpoint)
    left = tuple(each for text in data.getlist("left")[:_MOST_LEFT] if (each := _left_value(text)))
    before = _parsed(data.get("before", ""))
    return EditedParameters(endpoint, form, left, before if isinstance(before, dict) else {})


def _left_value(text: str) -> LeftValue | None:
    match _parsed(text):
        case [str(name), value, str(reason)] if name:
            return LeftValue(name, value, reason)
    return None


def _parsed(text: str) -> Any:
    try:
        return parse_json(text) if text else None
    except EntryError:
        return None
