from __future__ import annotations

from typing import Any

from django import forms

from chat.forms.typed_text import TypedText

MOST_CHARACTERS = 200_000


class SystemText(TypedText):
    """A system prompt; an empty one is none."""

    def __init__(self, **options: Any) -> None:
        too_long = f"A system prompt can have at most {MOST_CHARACTERS:,} characters. Shorten it."
        errors = {"max_length": too_long}
        super().__init__(required=False, max_length=MOST_CHARACTERS, error_messages=errors, **options)


class SystemForm(forms.Form):
    system_text = SystemText()
    # The key of the version that the page showed when it was changed.
    known = forms.CharField(required=False, max_length=20)
