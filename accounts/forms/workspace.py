from __future__ import annotations

from django import forms

from accounts.forms.fields import NameField


class WorkspaceForm(forms.Form):
    name = NameField(
        label="Name",
        max_length=80,
        help_text="Its address stays the same.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
