from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from chat.forms.attachments import CodesField
from chat.forms.system_prompts import SystemText
from chat.forms.typed_text import TypedText
from playground.upstream.dialects import trimmed

PAGE_TOO_OLD = "This page is out of date. Reload it, then try again."


class ClickForm(forms.Form):
    """The key of one click: a repeated click with the same key opens no second run."""

    idempotency_key = forms.UUIDField(error_messages={"required": PAGE_TOO_OLD, "invalid": PAGE_TOO_OLD})


class PromptForm(ClickForm):
    """A prompt and its attachments. A picture or a recording may need no words."""

    attachments = CodesField(required=False)
    # The system prompt of a new chat.
    system_text = SystemText()
    # Whether a new chat is a temporary one.
    temporary = forms.BooleanField(required=False)
    text = TypedText(required=False, max_length=settings.MAX_PROMPT_CHARACTERS)
    # The beginning of the answer.
    prefill = TypedText(required=False, max_length=settings.MAX_PROMPT_CHARACTERS)

    def __init__(self, data: Mapping[str, Any], *, keeps_files: bool = False) -> None:
        """Bind the form; ``keeps_files`` says that the prompt is a new wording of one with files."""
        super().__init__(data)
        self._keeps_files = keeps_files

    @property
    def shown_system(self) -> str | None:
        """The system prompt of a new chat as its page shows it; None if the page does not send it along."""
        return self.cleaned_data["system_text"] if "system_text" in self.data else None

    def clean_prefill(self) -> str:
        return trimmed(self.cleaned_data["prefill"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not (cleaned.get("text", "-") or cleaned.get("attachments", "-") or self._keeps_files):
            self.add_error("text", "Write a prompt first.")
        return cleaned
