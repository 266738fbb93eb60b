from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import money
from accounts.forms.fields import NameField
from accounts.models import Role
from playground.catalogue.model_ids import is_model_id, shown
from playground.models import ModelSetting
from playground.models.choices import WHOSE

if TYPE_CHECKING:
    from playground.models import UpstreamModel
    from playground.pages.models import ModelRow

_MOST_MODELS = 1000
WHOSE_CHOICES = [(role.value, label.removeprefix("for ").capitalize()) for role, label in WHOSE.items()]
# Bulk changes by their code: the label, what the models then are, and the columns with their new values.
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "on": ("Switch on", "switched on", {"is_enabled": True}),
    "off": ("Switch off", "switched off", {"is_enabled": False}),
    "list": ("List in the picker", "listed in the picker", {"is_listed": True}),
    "hide": ("Remove from the picker", "no longer listed in the picker", {"is_listed": False}),
    **{
        role: (f"Allow {whose.removeprefix('for ')}", whose, {"lowest_role": role})
        for role, whose in WHOSE.items()
    },
}
SCOPES = {"ticked": "the ticked models", "found": "all that are found"}


# Prices are stored in credits with four places.
_STORED_PLACES = Decimal("0.0001")


class PriceField(forms.DecimalField):
    """A price that may be unknown: typed and shown in dollars, cleaned to credits per million tokens.

    ``direction`` is "Input" or "Output".
    """

    def __init__(self, direction: str, help_text: str = "") -> None:
        super().__init__(
            label=f"{direction} price (USD per million tokens)",
            required=False,
            min_value=Decimal(0),
            max_value=Decimal(100_000),
            # A stored price of 0.0001 credits is a dollar price with eleven places.
            decimal_places=11,
            help_text=help_text,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return what the box shows: a stored price in dollars, or what was typed."""
        return price_in_box(value) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        typed: Decimal | None = super().clean(value)
        return None if typed is None else (typed * money.CREDITS_PER_USD).quantize(_STORED_PLACES)


def price_in_box(credits_per_million: Decimal) -> str:
    """
    >>> price_in_box(Decimal("5000000.0000")), price_in_box(Decimal(0)), price_in_box(Decimal(150_000))
    ('2.5', '0', '0.075')
    """
    return f"{money.in_usd(credits_per_million).normalize():f}"


class ModelsForm(forms.Form):
    model_ids = forms.CharField(
        label="Model ids",
        help_text="One id on each line, exactly as the server names its models.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
    )
    input_price = PriceField(
        "Input", "Enter 0 for your own server. If empty, limits use a high default price."
    )
    output_price = PriceField("Output")

    def clean_model_ids(self) -> list[str]:
        # A line ends at a line feed only: other separators are refused as parts of an id.
        lines = re.split(r"\r?\n", self.cleaned_data["model_ids"])
        model_ids = [line.strip() for line in lines if line.strip()]
        for model_id in model_ids:
            if not is_model_id(model_id):
                raise ValidationError(f"This is not a valid model id: {shown(model_id)}")
        if len(model_ids) > _MOST_MODELS:
            raise ValidationError(f"Add at most {_MOST_MODELS:,} models at once.")
        return list(dict.fromkeys(model_ids))

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if (cleaned.get("input_price") is None) != (cleaned.get("output_price") is None):
            raise ValidationError("Enter both prices or none.")
        return cleaned


class BulkForm(forms.Form):
    scope = forms.ChoiceField(label="Of", choices=list(SCOPES.items()), initial="ticked")
    change = forms.ChoiceField(label="Do", choices=[(code, label) for code, (label, _, _) in CHANGES.items()])


class ModelSettingForm(forms.Form):
    """A workspace's settings for a model. An empty field keeps the catalogue's value."""

    is_enabled = forms.BooleanField(
        label="Switched on",
        required=False,
        help_text="If it is switched off, nobody can use it, not even in old conversations.",
    )
    is_listed = forms.BooleanField(
        label="Listed in the picker",
        required=False,
        help_text="If it is not listed, people already using it can continue.",
    )
    lowest_role = forms.ChoiceField(label="Who may use it", choices=WHOSE_CHOICES)
    name = NameField(label="Name in this workspace", required=False, max_length=120)
    input_price = PriceField(
        "Input", "Used for limits, and for the cost of an answer if the provider does not report it."
    )
    output_price = PriceField("Output")

    def __init__(self, data: Any, row: ModelRow) -> None:
        self._model: UpstreamModel = row.model
        initial = {name: getattr(row.setting, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        for name in ("name", "input_price", "output_price"):
            own = getattr(row.model, name)
            attributes = self.fields[name].widget.attrs
            attributes["autocomplete"] = "off"
            attributes["placeholder"] = (
                "not known" if own is None else price_in_box(own) if name != "name" else own
            )
        self.fields["lowest_role"].widget.attrs["class"] = "input"

    def clean_lowest_role(self) -> str:
        return Role(self.cleaned_data["lowest_role"]).value

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name, other in (("input_price", "output_price"), ("output_price", "input_price")):
            is_lone = cleaned.get(name) is not None and cleaned.get(other) is None
            if is_lone and other not in self.errors and getattr(self._model, other) is None:
                self.add_error(other, "Enter this price too: the catalogue does not have it.")
        return cleaned

    @property
    def decided(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.base_fields if hasattr(ModelSetting, name)}
