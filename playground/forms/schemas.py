from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from playground.catalogue.documents import MAX_BYTES

_LONGEST_URL = 500


class DocumentForm(forms.Form):
    """An OpenAPI document from a file or from an address: one of the two."""

    file = forms.FileField(
        label="File",
        required=False,
        help_text=f"OpenAPI 3, as JSON or YAML, up to {MAX_BYTES // 1_000_000} MB.",
        widget=forms.FileInput(attrs={"accept": ".json,.yaml,.yml,application/json,application/yaml"}),
    )
    url = forms.CharField(
        label="Address",
        required=False,
        max_length=_LONGEST_URL,
        help_text="For example http://localhost:8000/openapi.json for vLLM. It is read once, without a key.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > MAX_BYTES:
            raise ValidationError(f"The file is too large: over {MAX_BYTES // 1_000_000} MB.")
        return file

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.lower().startswith(("https://", "http://")):
            raise ValidationError("Enter an address that starts with http:// or https://.")
        if url and "@" in url.split("/")[2]:
            raise ValidationError("Remove the user name and password.")
        return url.partition("#")[0]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and bool(cleaned.get("file")) == bool(cleaned.get("url")):
            raise ValidationError("Choose a file or enter an address.")
        return cleaned


class SchemaForm(forms.Form):
    text = forms.CharField(
        label="JSON schema of the request",
        strip=False,
        error_messages={"required": "Enter a schema."},
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}
        ),
    )
