from __future__ import annotations

from typing import Any

from django import forms

from accounts.names import mixed_letters, one_line


class LineField(forms.CharField):
    """Words that lists show: one line of visible characters."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class NameField(LineField):
    """A name, whose words cannot look like those of another alphabet."""

    def to_python(self, value: Any) -> str:
        name = super().to_python(value)
        refuse_mixed(name)
        return name


def refuse_mixed(name: str) -> None:
    """Refuse a name with a word of several alphabets.

    :raises ValidationError: it has one. The message names the letters.
    """
    if letters := mixed_letters(name):
        named = " and ".join(f"“{letter}” is {alphabet}" for alphabet, letter in letters.items())
        raise forms.ValidationError(
            f"Write each word with letters of one alphabet, so that nobody takes it for another: {named}.",
            code="mixed",
        )
