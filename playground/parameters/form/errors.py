"""What is wrong with a form that was posted, for who looks at something else."""

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
    # As the body has it: ``tools.0.function.name``. Both are empty where there is no control to go to.
    path: str = ""
    id: str = ""


def form_errors(form: ParameterForm) -> list[FormError]:
    found = [FormError(str(error)) for error in form.non_field_errors()]
    messages: dict[str, list[str]] = {}
    for name in form.fields:
        if name in form.errors:
            for place, message in form.entry_for(name).all_errors():
                messages.setdefault(place, []).append(message)
    return found + [
        FormError(" ".join(texts), path_of(place), id_of(place)) for place, texts in messages.items()
    ]


def path_of(name: str) -> str:
    """Where in the body a control's value goes."""
    parts = [part for part in name.split(".")[1:] if not part.startswith("as-")]
    return ".".join(unquote(part[1:]) if part.startswith("=") else part for part in parts)
