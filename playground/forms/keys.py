from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed
from accounts.keys import clean_secret


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
