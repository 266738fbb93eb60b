from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.flows.edit_workspace import WorkspaceFields
from accounts.forms.fields import LineField, NameField
from accounts.icons import is_icon
from accounts.models import Colour

if TYPE_CHECKING:
    from accounts.models import Workspace


class WorkspaceForm(forms.Form):
    """The name and the icon of a workspace."""

    name = NameField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    icon = LineField(
        label="Icon",
        max_length=20,
        required=False,
        help_text="An emoji, or one or two letters. Empty: the first letter of the name.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 6}),
    )
    colour = forms.ChoiceField(label="Colour", choices=Colour.choices, initial=Colour.GREEN)

    def clean_icon(self) -> str:
        icon: str = self.cleaned_data["icon"]
        if icon and not is_icon(icon):
            raise forms.ValidationError("Enter a single emoji, or one or two letters.", code="icon")
        return icon

    @property
    def fields_of_workspace(self) -> WorkspaceFields:
        return WorkspaceFields(**{name: self.cleaned_data[name] for name in ("name", "icon", "colour")})


class EditWorkspaceForm(WorkspaceForm):
    """The same, with the values that were shown, so that no change of another admin is undone unseen."""

    seen_name = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_icon = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_colour = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "Its address stays the same."

    @classmethod
    def showing(cls, workspace: Workspace) -> EditWorkspaceForm:
        shown = {"name": workspace.name, "icon": workspace.icon, "colour": workspace.colour}
        return cls(initial={**shown, **{f"seen_{name}": value for name, value in shown.items()}})

    def over(self, workspace: Workspace) -> EditWorkspaceForm:
        """Return a form with what was typed, which replaces the values as they are now."""
        now = {"seen_name": workspace.name, "seen_icon": workspace.icon, "seen_colour": workspace.colour}
        form = EditWorkspaceForm({**self.data.dict(), **now})  # type: ignore[attr-defined]  # a QueryDict
        form.is_valid()
        return form

    @property
    def seen(self) -> WorkspaceFields | None:
        if not self.cleaned_data["seen_name"]:
            return None
        return WorkspaceFields(
            **{name: self.cleaned_data[f"seen_{name}"] for name in ("name", "icon", "colour")}
        )
