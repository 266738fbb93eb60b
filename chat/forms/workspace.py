from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms

if TYPE_CHECKING:
    from chat.pages.workspace import TitleModels

OFF = "Off: the first words of the prompt"


class TitlesForm(forms.Form):
    """The model that makes titles: one of ``models``, or none."""

    model = forms.TypedChoiceField(
        label="Titles are made by",
        required=False,
        widget=forms.Select(attrs={"autocomplete": "off", "aria-describedby": "titles-cost"}),
    )

    def __init__(self, models: TitleModels, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["model"])
        groups = [(name, [(str(model.pk), model.name) for model in group]) for name, group in models.groups]
        field.choices = [("", OFF), *groups]
        by_key = {str(model.pk): model for _, group in models.groups for model in group}
        field.coerce = by_key.get
        field.empty_value = None
