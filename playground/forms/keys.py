from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed
from accounts.keys import clean_secret
from accounts.models import Membership
from playground.forms.bulk import LowestRoleField, groups_of

if TYPE_CHECKING:
    from accounts.models import ApiKey


class LowBalanceForm(forms.Form):
    """The dollars below which a balance counts as low; empty leaves that to the provider."""

    threshold = forms.DecimalField(
        label="Warn below (USD)",
        required=False,
        min_value=0,
        max_value=1_000_000,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class KeyForm(forms.Form):
    secret = forms.CharField(
        label="Key",
        strip=False,
        error_messages={"required": "Paste the key."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @sensitive_variables()
    def clean_secret(self) -> str:
        try:
            return clean_secret(self.cleaned_data["secret"])
        except KeyMalformed as refusal:
            raise ValidationError(refusal.text) from None


class KeySettingsForm(forms.Form):
    """The settings of a key beside its secret. The last three fields are those of a shared key."""

    lowest_role = LowestRoleField("Only the groups and people below")

    def __init__(self, data: Any, key: ApiKey) -> None:
        initial: dict[str, Any] = {
            "label": key.label,
            "model_patterns": "\n".join(key.model_patterns),
            "expires_on": key.expires_on,
            "lowest_role": key.lowest_role,
        }
        if key.member_id is None:
            initial |= {"groups": list(key.groups.all()), "people": list(key.people.all())}
        super().__init__(data, initial=initial, auto_id="key-%s")
        self._expires_on = key.expires_on
        if key.member_id is not None:
            for name in ("lowest_role", "groups", "people"):
                del self.fields[name]
            return
        groups: Any = self.fields["groups"]
        groups.queryset = groups_of(key.workspace)
        people: Any = self.fields["people"]
        members = Membership.objects.filter(workspace=key.workspace).select_related("user")
        people.queryset = members.order_by("user__name", "user__email")
        people.label_from_instance = lambda member: member.user.display_name
