from __future__ import annotations

from typing import Any

from django import forms


class TypedText(forms.CharField):
    """A text that goes out exactly as it was typed. White space alone counts as no text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        # Browsers without scripts post each line break as CRLF, whatever was typed.
        text: str = (super().to_python(value) or "").replace("\r\n", "\n")
        return text if text.strip() else ""
