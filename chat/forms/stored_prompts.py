from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.forms.fields import LineField, refuse_mixed
from accounts.names import one_line
from chat.forms.typed_text import TypedText
from chat.library_access import visible_items
from chat.models import Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership


class StoredPromptForm(forms.Form):
    """The name and the description of a stored prompt, and the note of the version that is saved."""

    name = forms.CharField(
        label="Name",
        max_length=128,
        error_messages={"required": "Enter a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    description = TypedText(
        label="Description", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 1})
    )
    note = LineField(
        label="What changed",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    edits = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        membership: Membership,
        prompt: Prompt | None = None,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._membership = membership
        self._prompt = prompt

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != one_line(name):
            raise forms.ValidationError("Use a name of one line, without invisible or control characters.")
        refuse_mixed(name)
        # A name that only others see must not be told.
        others = visible_items(Prompt, self._membership).filter(name=name)
        if self._prompt is not None:
            others = others.exclude(pk=self._prompt.pk)
        if others.exists():
            raise forms.ValidationError(name_taken(name))
        return name


class SavedChatForm(StoredPromptForm):
    """The name of a prompt that is made of a conversation, and how much of it is kept."""

    keeps = forms.ChoiceField(
        label="Keep",
        choices=[
            ("all", "System prompt, messages, model and parameters"),
            ("preset", "A preset: system prompt, model and parameters"),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )


def name_taken(name: str) -> str:
    return f"This workspace already has a prompt called “{name}”. Choose another name."
