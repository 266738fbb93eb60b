from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms

if TYPE_CHECKING:
    from playground.models import UpstreamModel


class ReplaceForm(forms.Form):
    """The model that takes the place of another one: one of ``groups``, by provider."""

    model = forms.TypedChoiceField(
        label="Replace it with",
        error_messages={
            "required": "Choose a model.",
            "invalid_choice": "This model can't be used here any more. Choose another.",
        },
        widget=forms.Select(attrs={"autocomplete": "off"}),
    )

    def __init__(self, groups: list[tuple[str, list[UpstreamModel]]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["model"])
        choices = [(name, [(str(model.pk), model.name) for model in group]) for name, group in groups]
        field.choices = [("", "Choose a model"), *choices]
        by_key = {str(model.pk): model for _, group in groups for model in group}
        field.coerce = by_key.get
        field.empty_value = None
