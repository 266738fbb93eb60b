from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.audit import name_of
from accounts.exceptions import KeyMalformed
from accounts.forms.fields import NameField
from accounts.keys import clean_secret
from playground.upstream.managed_keys import LONGEST_NAME, Cap

if TYPE_CHECKING:
    from accounts.models import Membership, User

PERIODS = [("month", "Month"), ("week", "Week"), ("day", "Day"), ("no_reset", "No reset: in all")]
_WORKSPACE = "workspace"


class ManagementForm(forms.Form):
    """The management key, which serves one request."""

    management_key = forms.CharField(
        label="Management key",
        strip=False,
        error_messages={"required": "Paste the management key."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @sensitive_variables()
    def clean_management_key(self) -> str:
        try:
            return clean_secret(self.cleaned_data["management_key"])
        except KeyMalformed as refusal:
            raise ValidationError(refusal.text) from None


class CapForm(ManagementForm):
    cap_usd = forms.DecimalField(
        label="Cap (USD)",
        min_value=Decimal("0.01"),
        max_value=1_000_000,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    period = forms.ChoiceField(label="Period", choices=PERIODS)

    @property
    def cap(self) -> Cap:
        return Cap(self.cleaned_data["cap_usd"], self.cleaned_data["period"])


class MakeKeyForm(CapForm):
    """A new key: whose it is, its name at the provider and its cap."""

    name = NameField(
        label="Name at the provider",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    owner = forms.ChoiceField(label="For")
    may_replace = forms.BooleanField(label="Replace the key that is stored for them now", required=False)

    field_order = ("owner", "name", "cap_usd", "period", "may_replace", "management_key")

    def __init__(self, *args: Any, members: list[Membership], **more: Any) -> None:
        super().__init__(*args, **more)
        self._members = {str(each.pk): each.user for each in members}
        people = [(pk, name_of(user)) for pk, user in self._members.items()]
        self.fields["owner"].choices = [(_WORKSPACE, "Everyone in the workspace"), *people]  # type: ignore[attr-defined]

    @property
    def member(self) -> User | None:
        return self._members.get(self.cleaned_data["owner"])


class ChangeKeyForm(CapForm):
    is_disabled = forms.BooleanField(label="Disabled: the provider refuses it", required=False)

    field_order = ("cap_usd", "period", "is_disabled", "management_key")
