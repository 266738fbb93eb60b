from __future__ import annotations

from django import forms

from accounts.forms.seen import SeenForm
from accounts.time_zones import WEEKDAYS, is_zone


class PeriodsForm(SeenForm):
    """The time zone and the first day of the week for a workspace's limits."""

    time_zone = forms.CharField(
        label="Time zone",
        max_length=60,
        help_text="Such as Europe/Berlin.",
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    week_starts_on = forms.TypedChoiceField(
        label="Weeks begin on", choices=[*enumerate(WEEKDAYS)], coerce=int
    )

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if not is_zone(name):
            raise forms.ValidationError("There is no time zone of this name.", code="unknown")
        return name
