from __future__ import annotations

from typing import Any

from django import forms

from accounts.names import one_line


class NameField(forms.CharField):
    """A name or a title that lists show: one line of visible characters."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")
