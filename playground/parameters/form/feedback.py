"""The feedback on a change of a form: the parts of the page that the server updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.form.controls import Control, id_of
from playground.parameters.form.entry import root_name
from playground.parameters.form.entry_from_value import FROM_JSON
from playground.parameters.form.extra import NAME as EXTRA

if TYPE_CHECKING:
    from playground.parameters.form.fields import BoundParameter
    from playground.parameters.form.parameter_form import ParameterForm


@dataclass(frozen=True, slots=True)
class FieldMessage:
    """A message for the element with this id. The page empties elements without a message."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    messages: list[FieldMessage]
    # Controls whose values can also be shown as JSON.
    editors: list[Control]
    # Parameters that returned from JSON to their controls, which only the server can fill in.
    renewed: list[BoundParameter]


def feedback_on(form: ParameterForm, data: Mapping[str, Any]) -> Feedback:
    """Collect the feedback on a form that was bound to ``data``."""
    sent = [name for name in form.fields if form.is_sent(name)]
    controls = [Control(form.entry_for(name)) for name in sent]
    return Feedback(
        messages=[*_errors(form, sent), *_warnings(form), *_beside_extra(form)],
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


def _beside_extra(form: ParameterForm) -> list[FieldMessage]:
    """Return the messages of the box, after :func:`_warnings` has collected its warning."""
    texts = {"error": " ".join(form.extra.entry.errors), "warning": form.extra.warning}
    return [FieldMessage(f"{id_of(EXTRA)}--{kind}", text) for kind, text in texts.items() if text]


def _came_back(data: Mapping[str, Any], name: str) -> bool:
    getlist = getattr(data, "getlist", None)
    key = f"{root_name(name)}.state"
    states = getlist(key) if getlist else data.get(key, ())
    return FROM_JSON in states


def _bound(form: ParameterForm, name: str) -> BoundParameter:
    field: Any = form[name]
    bound: BoundParameter = field
    return bound
