from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts import keys
from accounts.models import Membership
from chat.pages.model_choice import models_by_provider

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

    def __init__(self, membership: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Membership.objects.filter(workspace=membership.workspace)
        members = {str(each.user_id): each for each in found.select_related("user", "workspace")}
        by_name = sorted(members.items(), key=lambda item: (item[1].user.display_name.casefold(), item[0]))
        _offer(
            self.fields["member"],
            [(key, f"{each.user.display_name} ({each.user.email})") for key, each in by_name],
            members,
        )
        self.fields["member"].initial = str(membership.user_id)
        groups = models_by_provider(membership)
        models = {str(model.pk): model for _, group in groups for model in group}
        _offer(
            self.fields["model"],
            [(name, [(str(model.pk), model.name) for model in group]) for name, group in groups],
            models,
        )
        given = keys.usable_keys(membership.workspace, membership.user)
        self.fields["model"].initial = next(
            (
                key
                for key, model in models.items()
                if not model.provider.needs_key or given.has(model.provider.code, model.model_id)
            ),
            None,
        )


def _offer(field: forms.Field, choices: list[Any], by_key: dict[str, Any]) -> None:
    typed = cast("forms.TypedChoiceField", field)
    typed.choices = choices
    typed.coerce = by_key.__getitem__
