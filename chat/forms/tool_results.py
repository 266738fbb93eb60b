from __future__ import annotations

from django import forms
from django.conf import settings


class ToolResultForm(forms.Form):
    """The result of one call of a tool. An answer has one such form for each call, told apart by a prefix."""

    # The text is not stripped: the output of a program goes back exactly as it was printed.
    text = forms.CharField(strip=False, max_length=settings.MAX_PROMPT_CHARACTERS, required=False)
    failed = forms.BooleanField(required=False)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError("Enter the result, or the error if the call failed.")
        return text
