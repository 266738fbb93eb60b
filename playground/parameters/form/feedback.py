"""What a form has to say to a choice that was just made, and no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.form.controls import Control, id_of
from playground.parameters.form.entry import root_name
from playground.parameters.form.entry_from_value import FROM_JSON

if TYPE_CHECKING:
    from playground.parameters.form.fields import BoundParameter
    from playground.parameters.form.parameter_form import ParameterForm


@dataclass(frozen=True, slots=True)
class FieldMessage:
    """Words for one place of the page. A place that nothing is said for falls silent."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    messages: list[FieldMessage]
    # Values that could be written as JSON as well.
    editors: list[Control]
    # What came back from JSON to its controls, which only the server can fill in.
    renewed: list[BoundParameter]


def feedback_on(form: ParameterForm, data: Mapping[str, Any]) -> Feedback:
    """``data`` is what the form was bound to."""
    sent = [name for name in form.fields if form.is_sent(name)]
    controls = [Control(form.entry_for(name)) for name in sent]
    return Feedback(
        messages=[*_errors(form, sent), *_warnings(form)],
        editors=[control for control in controls if control.can_be_json and not control.entry.is_json],
        renewed=[_bound(form, name) for name in form.fields if _came_back(data, name)],
    )


def _errors(form: ParameterForm, names: list[str]) -> list[FieldMessage]:
    messages: dict[str, list[str]] = {}
    for name in names:
        for place, message in form.entry_for(name).all_errors():
            messages.setdefault(id_of(place), []).append(message)
    return [FieldMessage(f"{place}--error", " ".join(texts)) for place, texts in messages.items()]


def _warnings(form: ParameterForm) -> list[FieldMessage]:
    return [
        FieldMessage(f"{id_of(root_name(name))}--warning", " ".join(texts))
        for name, texts in form.warnings.items()
    ]


def _came_back(data: Mapping[str, Any], name: str) -> bool:
    getlist = getattr(data, "getlist", None)
    key = f"{root_name(name)}.state"
    states = getlist(key) if getlist else data.get(key, ())
    return FROM_JSON in states


def _bound(form: ParameterForm, name: str) -> BoundParameter:
    field: Any = form[name]
    bound: BoundParameter = field
    return bound
