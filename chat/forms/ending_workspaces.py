from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.folding import same_name

if TYPE_CHECKING:
    from accounts.models import Workspace


class DeleteWorkspaceForm(forms.Form):
    """The name of the workspace, typed as a confirmation."""

    name = forms.CharField(
        label="Type its name to confirm", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._workspace = workspace

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if same_name(name) != same_name(self._workspace.name):
            raise forms.ValidationError(f"This is not its name, which is {self._workspace}.", code="other")
        return name


class TransferForm(forms.Form):
    """The address of the member who becomes the owner."""

    email = forms.EmailField(
        label="Address of the new owner",
        help_text="A member of this workspace.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
