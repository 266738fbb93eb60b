from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings


class CodesField(forms.Field):
    """Codes of uploads, one for each value of that name, in their order."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[UUID, ...]:
        # An empty one may stand for "none of them".
        texts = [text for text in ([value] if isinstance(value, str) else value or ()) if text]
        if len(texts) > settings.MAX_FILES_PER_MESSAGE:
            raise forms.ValidationError(
                f"A prompt may have {settings.MAX_FILES_PER_MESSAGE} files at most: remove some."
            )
        try:
            codes = [UUID(text) for text in texts]
        except ValueError as error:
            raise forms.ValidationError("An attached file has no such code.") from error
        return tuple(dict.fromkeys(codes))


class PromptForm(forms.Form):
    """A prompt, what is attached to it, and the key that makes a repeated click the same run.

    A picture, or something said aloud, may need no words.
    """

    attachments = CodesField(required=False)
    text = forms.CharField(strip=True, required=False, max_length=settings.MAX_PROMPT_CHARACTERS)
    idempotency_key = forms.UUIDField()

    def __init__(self, data: Mapping[str, Any], *, keeps_files: bool = False) -> None:
        """``keeps_files``: this is another wording of a prompt with files, which leaves them as they are."""
        super().__init__(data)
        self._keeps_files = keeps_files

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not (cleaned.get("text", "-") or cleaned.get("attachments", "-") or self._keeps_files):
            self.add_error("text", "Write a prompt first.")
        return cleaned


class ToolResultForm(forms.Form):
    """What came of one call of a tool: one form for each call of an answer, told apart by a prefix."""

    # Not stripped: what a program printed goes back as it printed it.
    text = forms.CharField(
        strip=False,
        max_length=settings.MAX_PROMPT_CHARACTERS,
        required=False,
    )
    failed = forms.BooleanField(required=False)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError("Write what came of it, or what went wrong.")
        return text


class TitleForm(forms.Form):
    title = forms.CharField(strip=True, max_length=120)
