from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from collections.abc import Sequence


class MailForm(forms.Form):
    """The kinds of notices that a person also wants by mail."""

    kinds = forms.MultipleChoiceField(
        label="Also tell me by mail", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, choices: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = choices  # type: ignore[attr-defined]
