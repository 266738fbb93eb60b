"""The errors of a posted form as a list, for a page that does not show the form's controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from playground.parameters.form.controls import id_of

if TYPE_CHECKING:
    from playground.parameters.form.parameter_form import ParameterForm


@dataclass(frozen=True, slots=True)
class FormError:
    text: str
    # The place in the body: ``tools.0.function.name``. Path and id are empty if no control is concerned.
    path: str = ""
    id: str = ""


def form_errors(form: ParameterForm) -> list[FormError]:
    found = [FormError(str(error)) for error in form.non_field_errors()]
    messages: dict[str, list[str]] = {}
    for name in form.fields:
        if name in form.errors:
            for place, message in form.entry_for(name).all_errors():
                messages.setdefault(place, []).append(message)
    found += [FormError(" ".join(texts), path_of(place), id_of(place)) for place, texts in messages.items()]
    box = form.extra.entry
    return found + [FormError(text, box.spec.name, id_of(box.name)) for text in box.errors]


def path_of(name: str) -> str:
    """Return the place in the body for the value of the control with this name."""
    parts = [part for part in name.split(".")[1:] if not part.startswith("as-")]
    return ".".join(unquote(part[1:]) if part.startswith("=") else part for part in parts)
