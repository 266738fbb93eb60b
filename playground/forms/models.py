from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import money
from accounts.forms.fields import NameField
from accounts.forms.seen import SeenForm
from accounts.models import Group, Role
from playground.catalogue.model_ids import is_model_id, shown
from playground.forms.bulk import LowestRoleField, groups_of

if TYPE_CHECKING:
    from accounts.models import Workspace
    from playground.models import UpstreamModel
    from playground.pages.models import ModelRow

_MOST_MODELS = 1000
_PRICE_FIELDS = ("input_price", "output_price", "cache_read_price", "cache_write_price")
# Prices are stored in credits with four places.
_STORED_PLACES = Decimal("0.0001")


class PriceField(forms.DecimalField):
    """A price that may be unknown: typed and shown in dollars, cleaned to credits per million tokens.

    ``name`` says what costs it, such as "Input".
    """

    def __init__(self, name: str, help_text: str = "") -> None:
        super().__init__(
            label=f"{name} price (USD per million tokens)",
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


class ModelSettingForm(SeenForm):
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
    lowest_role = LowestRoleField("Only the groups below")
    groups = forms.ModelMultipleChoiceField(
        label="Groups that may use it too",
        queryset=Group.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "boxes"}),
    )
    name = NameField(label="Name in this workspace", required=False, max_length=120)
    input_price = PriceField(
        "Input", "Used for limits, and for the cost of an answer if the provider does not report it."
    )
    output_price = PriceField("Output")
    cache_read_price = PriceField(
        "Cached input", "Many providers charge less for input that they have kept. Empty: the input price."
    )
    cache_write_price = PriceField("Cache write", "For input that is kept for later. Empty: the input price.")

    def __init__(self, data: Any, row: ModelRow, workspace: Workspace) -> None:
        self._model: UpstreamModel = row.model
        initial = {name: getattr(row.setting, name) for name in self.base_fields if name != "groups"}
        if row.setting.pk:
            initial["groups"] = list(row.setting.groups.all())
        super().__init__(data, initial=initial)
        for name in ("name", *_PRICE_FIELDS):
            own = getattr(row.model, name)
            attributes = self.fields[name].widget.attrs
            attributes["autocomplete"] = "off"
            attributes["placeholder"] = (
                "not known" if own is None else price_in_box(own) if name != "name" else own
            )
        groups: Any = self.fields["groups"]
        groups.queryset = groups_of(workspace)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        role, groups = cleaned.get("lowest_role"), cleaned.get("groups")
        if role == Role.VIEWER and groups:
            self.add_error("groups", "Everybody may use it anyway. Choose who else may, or no group.")
        if role == "" and groups is not None and not groups:
            self.add_error("lowest_role", "Tick at least one group, or choose a role.")
        for name, other in (("input_price", "output_price"), ("output_price", "input_price")):
            is_lone = cleaned.get(name) is not None and cleaned.get(other) is None
            if is_lone and other not in self.errors and getattr(self._model, other) is None:
                self.add_error(other, "Enter this price too: the catalogue does not have it.")
        return cleaned

    @property
    def decided(self) -> dict[str, Any]:
        columns = self.base_fields.keys() - {"groups"}
        return {name: self.cleaned_data[name] for name in self.base_fields if name in columns}
