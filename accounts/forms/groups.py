from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.fields import NameField
from accounts.forms.seen import SeenForm
from accounts.models import Group, Membership, Workspace


class GroupForm(SeenForm):
    name = NameField(
        label="Name",
        max_length=Group._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MemberForm(forms.Form):
    """The member whose button in a list was pressed."""

    member = forms.ModelChoiceField(
        Membership.objects.none(), error_messages={"required": "Choose a person."}
    )

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(workspace=workspace).select_related("user")
        field = self.fields["member"]
        field.queryset = members  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = f"This person is not a member of {workspace}."
