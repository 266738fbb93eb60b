from __future__ import annotations

import re
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from playground.upstream.dialects.registry import endpoint_kinds


class ProviderForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    base_url = forms.CharField(
        label="Base URL",
        max_length=300,
        help_text="Include the version, for example http://localhost:11434/v1 for Ollama.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    needs_key = forms.BooleanField(label="Needs a key", required=False, initial=True)

    def clean_base_url(self) -> str:
        return clean_base_url(self.cleaned_data["base_url"])


class PlacesForm(forms.Form):
    places = forms.IntegerField(
        label="Requests at once",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Further requests wait in a queue, and members take turns. Leave this empty for no limit.",
    )


def clean_base_url(text: str) -> str:
    """Normalise a base URL: no slash at the end, and no path of an endpoint.

    >>> clean_base_url("https://llm.example.org/v1/chat/completions")
    'https://llm.example.org/v1'
    >>> clean_base_url("https://llm.example.org/v1/messages"), clean_base_url("https://example.org/messages")
    ('https://llm.example.org/v1', 'https://example.org/messages')

    :raises ValidationError: the URL is not http(s), or has credentials, a query or a fragment.
    """
    # Host names of a private network may be a single word, or end in an unregistered domain.
    _check_address(text)
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None:
        raise ValidationError("Remove the user name and password. Add a key on the Keys page.")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValidationError("Remove everything from the ? or # on.")
    path = parts.path.rstrip("/")
    for endpoint in (*endpoint_kinds(), "models"):
        # A word alone may be part of a gateway's own path; after a version it is an endpoint.
        if "/" in endpoint or endpoint == "models" or re.search(rf"/v\d+/{endpoint}$", path):
            path = path.removesuffix(f"/{endpoint}")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _check_address(text: str) -> None:
    message = "Enter an address that starts with http:// or https://."
    try:
        parts = urlsplit(text)
        # `urlsplit` checks the port when it is read.
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValidationError(message) from None
    if parts.scheme not in {"http", "https"} or not has_host:
        raise ValidationError(message)
    if "." not in str(parts.hostname) and ":" not in str(parts.hostname):
        text = text.replace(str(parts.hostname), "localhost", 1)
    URLValidator(schemes=["http", "https"], message=message)(text)
