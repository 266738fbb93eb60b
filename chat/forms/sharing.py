from __future__ import annotations

from django import forms

from chat.models import Access


class AccessForm(forms.Form):
    """The access that everyone in the workspace gets."""

    access = forms.TypedChoiceField(choices=Access.choices, coerce=Access)


class PersonForm(AccessForm):
    """The access that one person gets. ``person`` is the key of their membership."""

    person = forms.IntegerField(min_value=1)


class GroupForm(AccessForm):
    """The access that one group gets."""

    group = forms.UUIDField()
