from __future__ import annotations

from django import forms
from django.conf import settings

from chat.forms.typed_text import TypedText


class QueuedForm(forms.Form):
    """Other words for a queued prompt. One with files may need none."""

    text = TypedText(required=False, max_length=settings.MAX_PROMPT_CHARACTERS)
