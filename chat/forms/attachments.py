from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import ngettext


class CodesField(forms.Field):
    """Codes of uploads: one for each posted value of that name, in their order."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[UUID, ...]:
        # An empty value may stand for "none of them".
        texts = [text for text in ([value] if isinstance(value, str) else value or ()) if text]
        if len(texts) > settings.MAX_FILES_PER_MESSAGE:
            most = settings.MAX_FILES_PER_MESSAGE
            files = ngettext("file", "files", most)
            raise forms.ValidationError(f"A prompt can have at most {most} {files}. Remove some.")
        try:
            codes = [UUID(text) for text in texts]
        except ValueError as error:
            raise forms.ValidationError("An attached file was not found. Attach it again.") from error
        return tuple(dict.fromkeys(codes))
