from __future__ import annotations

from typing import Any

from django import forms


class DeleteAccountForm(forms.Form):
    """The address of the account, typed once more."""

    address = forms.EmailField(
        label="Your e-mail address",
        help_text="Type it to confirm.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, address: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = address

    def clean_address(self) -> str:
        typed: str = self.cleaned_data["address"]
        if typed.lower() != self._address:
            raise forms.ValidationError("This is not the address of your account.", code="other")
        return typed
