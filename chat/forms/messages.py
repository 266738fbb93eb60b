"""Texts of messages that are stored without asking a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from chat.forms.attachments import CodesField
from chat.forms.system_prompts import SystemText
from chat.forms.typed_text import TypedText


class WordingForm(forms.Form):
    """Another wording of a message. A prompt with files may need no words."""

    attachments = CodesField(required=False)
    text = TypedText(
        required=False,
        max_length=settings.MAX_PROMPT_CHARACTERS,
    )

    def __init__(self, data: Mapping[str, Any], *, needs_text: bool) -> None:
        super().__init__(data)
        self._needs_text = needs_text

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        has_files = bool(cleaned.get("attachments", "-"))
        if self._needs_text and not has_files and not cleaned.get("text", "-"):
            self.add_error("text", "Write something first, or delete the message.")
        return cleaned


class ExampleForm(forms.Form):
    """An example of a prompt and its answer; one of them may be left out."""

    prompt = TypedText(required=False, max_length=settings.MAX_PROMPT_CHARACTERS)
    answer = TypedText(required=False, max_length=settings.MAX_PROMPT_CHARACTERS)
    # The system prompt of a new chat.
    system_text = SystemText()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not (cleaned.get("prompt", "-") or cleaned.get("answer", "-")):
            self.add_error(None, "Write a prompt, an answer or both.")
        return cleaned
