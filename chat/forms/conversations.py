from __future__ import annotations

from django import forms

from accounts.forms.fields import LineField


class TitleForm(forms.Form):
    title = LineField(max_length=120)
