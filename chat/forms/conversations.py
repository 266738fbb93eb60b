from __future__ import annotations

from django import forms


class TitleForm(forms.Form):
    title = forms.CharField(strip=True, max_length=120)
