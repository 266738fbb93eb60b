from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from accounts.forms.fields import LineField
from chat.flows.copy_to_columns import CopiedPart
from chat.forms.prompts import PAGE_TOO_OLD, PromptForm
from chat.models import MOST_COLUMNS, AnswerChoice


class ColumnCodesField(forms.Field):
    """Codes of columns: one for each posted value of that name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[UUID, ...]:
        texts = list(value or ())
        try:
            codes = tuple(dict.fromkeys(UUID(text) for text in texts))
        except ValueError as error:
            raise forms.ValidationError(PAGE_TOO_OLD) from error
        if len(codes) > MOST_COLUMNS:
            raise forms.ValidationError(PAGE_TOO_OLD)
        return codes


class ColumnsForm(PromptForm):
    """A prompt, and the codes of the columns that it goes to."""

    column = ColumnCodesField(error_messages={"required": "Choose at least one column to send to."})


class CopyForm(forms.Form):
    """A part of a column, and the codes of the columns that it is copied to."""

    part = forms.ChoiceField(choices=[(part, part) for part in CopiedPart])
    to = ColumnCodesField(error_messages={"required": "Choose at least one column to copy to."})


class AnswerChoiceForm(forms.Form):
    """The note of a choice."""

    note = LineField(required=False, max_length=AnswerChoice._meta.get_field("note").max_length)
