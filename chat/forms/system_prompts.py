from __future__ import annotations

from django import forms

from chat.forms.typed_text import TypedText

MOST_CHARACTERS = 200_000


class SystemText(TypedText):
    """A system prompt; an empty one is none."""

    def __init__(self) -> None:
        too_long = f"A system prompt can have at most {MOST_CHARACTERS:,} characters. Shorten it."
        super().__init__(required=False, max_length=MOST_CHARACTERS, error_messages={"max_length": too_long})


class SystemForm(forms.Form):
    system_text = SystemText()
    # The key of the version that the page showed when it was changed.
    known = forms.CharField(required=False, max_length=20)
