from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms

from accounts.forms.seen import SeenForm
from chat.forms.system_prompts import SystemText
from chat.pages.system_prompt import place_at
from playground.access import endpoint_of
from playground.models import DEFAULT_KIND
from playground.upstream.dialects import SystemPlace

if TYPE_CHECKING:
    from chat.pages.chat_defaults import DefaultChoice
    from chat.pages.model_choice import ModelChoice
    from chat.pages.workspace import TitleModels
    from playground.models import UpstreamModel

OFF = "Off: the first words of the prompt"


class TitlesForm(SeenForm):
    """The model that makes titles: one of ``models``, or none."""

    model = forms.TypedChoiceField(
        label="Titles are made by",
        required=False,
        widget=forms.Select(attrs={"autocomplete": "off", "aria-describedby": "titles-cost"}),
    )

    def __init__(self, models: TitleModels, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["model"], models, OFF)


class DefaultsForm(SeenForm):
    """The model and the system prompt with which new chats begin. ``none`` names the choice of no model."""

    model = forms.TypedChoiceField(
        label="Model",
        required=False,
        error_messages={"invalid_choice": "This model can't be used here any more. Choose another."},
        widget=forms.Select(attrs={"autocomplete": "off"}),
    )
    system_text = SystemText(
        label="System prompt", widget=forms.Textarea(attrs={"rows": 5, "dir": "auto", "autocomplete": "off"})
    )

    def __init__(self, choice: DefaultChoice, none: str, data: Mapping[str, Any] | None = None) -> None:
        # The page has other forms with fields of the same names.
        super().__init__(data, auto_id="default_%s")
        self.choice = choice
        self.fields["model"].initial = str(choice.chosen.pk) if choice.chosen else ""
        self.fields["system_text"].initial = choice.system_text
        _offer(self.fields["model"], choice, none)

    def clean_model(self) -> UpstreamModel | None:
        model: UpstreamModel | None = self.cleaned_data["model"]
        # A model that is set already may be kept beside another system prompt, whatever has become of it.
        if model is not None and model != self.choice.chosen:
            endpoint = endpoint_of(model, DEFAULT_KIND)
            if place_at(endpoint) is SystemPlace.NONE:
                raise forms.ValidationError(f"{model.name} accepts no text. Choose another model.")
        return model


def _offer(field: forms.Field, choice: ModelChoice, none: str) -> None:
    """Make the models, by provider, the choices of a field, with no model before them."""
    typed = cast("forms.TypedChoiceField", field)
    groups = [(name, [(str(model.pk), model.name) for model in group]) for name, group in choice.groups]
    typed.choices = [("", none), *groups]
    by_key = {str(model.pk): model for _, group in choice.groups for model in group}
    typed.coerce = by_key.get
    typed.empty_value = None
