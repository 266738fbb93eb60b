from __future__ import annotations

from django import forms

from accounts.forms.seen import SeenForm

# A log that is deleted within days would hide what it is for.
SHORTEST_DAYS, LONGEST_DAYS = 30, 3650


class RetentionForm(SeenForm):
    """The days for which events are kept; empty for as long as the workspace exists."""

    days = forms.IntegerField(
        label="Delete events after",
        required=False,
        min_value=SHORTEST_DAYS,
        max_value=LONGEST_DAYS,
        help_text="Days. Leave it empty to keep them for good.",
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
