from __future__ import annotations

from django import forms

PARTS = (
    ("models", "Names of the models"),
    ("names", "Names of the people who wrote"),
    ("system", "System prompt"),
    ("reasoning", "Reasoning"),
    ("tools", "Tools: calls with their arguments, and results"),
    ("files", "Pictures and files"),
)
DAYS = ((1, "1 day"), (7, "7 days"), (30, "30 days"), (90, "90 days"))


class PartsForm(forms.Form):
    """The parts that a public link shows beside prompts and answers."""

    show = forms.MultipleChoiceField(
        label="Also show", choices=PARTS, required=False, widget=forms.CheckboxSelectMultiple
    )


class PublicLinkForm(PartsForm):
    """A public link that is made after its preview, whose digest is ``seen``."""

    days = forms.TypedChoiceField(
        label="Works for",
        choices=DAYS,
        coerce=int,
        initial=7,
        widget=forms.Select(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
