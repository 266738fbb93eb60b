from __future__ import annotations

import json
from typing import Any

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
    # Whether the result is text, although it looks like JSON.
    is_text = forms.BooleanField(required=False)
    # The name under which the result is saved as an example of the tool.
    example = forms.CharField(required=False, max_length=80)

    @property
    def wrong_name(self) -> str:
        """The name of the first control that is wrong, as it is posted; empty if none is."""
        first = next(iter(self.errors), "")
        return self.add_prefix("example" if first == "example" else "text") if first else ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        text = data.get("text", "")
        if text.lstrip().startswith(("{", "[")) and not data.get("failed") and not data.get("is_text"):
            try:
                json.loads(text)
            except json.JSONDecodeError as error:
                where = f"line {error.lineno}, column {error.colno}"
                raise forms.ValidationError(
                    f"This is not JSON: {where}. Correct it, or tick “Plain text” to send it as it is."
                ) from error
            except (ValueError, RecursionError):
                # A number of thousands of digits, or deep nesting, is JSON that only this parser refuses.
                pass
        return data
