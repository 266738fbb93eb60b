from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed
from accounts.keys import clean_secret


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
