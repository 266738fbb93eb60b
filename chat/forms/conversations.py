from __future__ import annotations

from django import forms

from accounts.forms.fields import NameField


class TitleForm(forms.Form):
    title = NameField(max_length=120)
