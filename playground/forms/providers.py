from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed
from accounts.forms.fields import NameField
from accounts.forms.seen import SeenForm
from accounts.keys import clean_secret
from playground.parameters.form.extra import parse_extra
from playground.parameters.form.parsing import EntryError
from playground.upstream.base_urls import AddressMalformed, mended


class ProviderForm(forms.Form):
    name = NameField(
        label="Name",
        max_length=80,
        required=False,
        help_text="Leave this empty to use the server's host and port.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    # A field for URLs would keep browsers from posting an address without a scheme.
    base_url = forms.CharField(
        label="Address",
        max_length=1000,
        help_text="For example http://localhost:11434 for Ollama. You can leave out /v1.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    # Shown once the server has asked for a key.
    secret = forms.CharField(
        label="Key",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="It is stored encrypted, for everyone who can write in this workspace.",
    )

    def clean_base_url(self) -> str:
        return clean_base_url(self.cleaned_data["base_url"])

    @sensitive_variables()
    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        try:
            return clean_secret(secret) if secret.strip() else ""
        except KeyMalformed as refusal:
            raise ValidationError(refusal.text) from None

    def clean(self) -> dict[str, Any]:
        """Name a provider without a name by its host and port: one machine may have several servers."""
        cleaned = self.cleaned_data
        if not cleaned.get("name", "-") and "base_url" in cleaned:
            cleaned["name"] = urlsplit(cleaned["base_url"]).netloc[:80]
        return cleaned

    @property
    def asks_key(self) -> bool:
        return "secret" in self.errors or bool(self.data.get("secret"))


class EditForm(SeenForm, ProviderForm):
    needs_key = forms.BooleanField(
        label="Needs a key",
        required=False,
        help_text="Members without a key are asked for one before they send.",
    )


class PlacesForm(SeenForm):
    places = forms.IntegerField(
        label="Requests at once",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Further requests wait in a queue, and members take turns. Leave this empty for no limit.",
    )


class ExtraForm(SeenForm):
    extra = forms.CharField(
        label="JSON object",
        required=False,
        strip=False,
        help_text='Sent with every request to these models, such as {"min_p": 0.05}. '
        "A value that somebody sets in a chat has priority.",
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off", "class": "input is-code"}
        ),
    )

    def clean_extra(self) -> dict[str, Any]:
        try:
            return parse_extra(self.cleaned_data["extra"])
        except EntryError as refusal:
            raise ValidationError(str(refusal)) from None


def clean_base_url(text: str) -> str:
    """Return the base URL that was meant.

    :raises ValidationError: the text is no address of a server.
    """
    try:
        return mended(text)
    except AddressMalformed as refusal:
        raise ValidationError(str(refusal)) from None
