from __future__ import annotations

from typing import Any, cast

from django import forms

# The longest context of a model is about as long.
_LONGEST = 2_000_000
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class SimulationForm(forms.Form):
    """A prompt that nobody sends: whose, to which model, and how long. ``membership`` is the admin's."""

    member = forms.TypedChoiceField(label="Member")
    model = forms.TypedChoiceField(label="Model")
    length = forms.IntegerField(
        label="Prompt tokens",
        min_value=1,
        max_value=_LONGEST,
        initial=500,
        help_text="750 English words have about 1,000.",
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    max_tokens = forms.IntegerField(
        label="max_tokens",
        min_value=1,
        max_value=_LONGEST,
        required=False,
        help_text="The longest answer.",
        widget=forms.NumberInput(attrs=_NUMBER),
    )


def _offer(field: forms.Field, choices: list[Any], by_key: dict[str, Any]) -> None:
    typed = cast("forms.TypedChoiceField", field)
    typed.choices = choices
    typed.coerce = by_key.__getitem__
