from __future__ import annotations

from django import forms
from django.conf import settings

from chat.forms.typed_text import TypedText


class ToolResultForm(forms.Form):
    """The result of one call of a tool. An answer has one such form for each call, told apart by a prefix."""

    # The output of a program goes back exactly as it was printed.
    text = TypedText(
        max_length=settings.MAX_PROMPT_CHARACTERS,
        error_messages={"required": "Enter the result, or the error if the call failed."},
    )
    failed = forms.BooleanField(required=False)
