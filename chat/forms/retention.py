from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from chat.retention import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_DAYS = 3650
LONGEST_HOURS = 720


class DaysField(forms.IntegerField):
    """A number of days; empty for no rule."""

    def __init__(self, *, label: str, fewest: int, help_text: str) -> None:
        super().__init__(
            label=label,
            required=False,
            min_value=fewest,
            max_value=LONGEST_DAYS,
            help_text=help_text,
            widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}),
        )


class RulesForm(forms.Form):
    """The rules of a workspace, with those that the page showed, and whether the deletion is confirmed."""

    conversation_days = DaysField(
        label="Delete conversations after",
        fewest=1,
        help_text="Days without a change. Leave it empty to keep them for good.",
    )
    keeps_pinned = forms.BooleanField(label="Keep what its owner has pinned", required=False)
    raw_days = DaysField(label="Delete raw answers after", fewest=0, help_text="")
    allows_temporary = forms.BooleanField(
        label="Allow temporary chats",
        required=False,
        help_text="They are in no list, no search and no archive of the workspace, and shared with nobody.",
    )
    temporary_hours = forms.IntegerField(
        label="Delete temporary chats after",
        min_value=1,
        max_value=LONGEST_HOURS,
        help_text="Hours after their last answer.",
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, rules: Rules, data: Mapping[str, Any] | None = None) -> None:
        # The page has other forms.
        initial = {**rules.as_dict, "seen": json.dumps(rules.as_dict)}
        super().__init__(data, initial=initial, auto_id="rules_%s")
        days = settings.RAW_RETENTION_DAYS
        kept = f"for {days} days" if days else "not at all"
        self.fields[
            "raw_days"
        ].help_text = (
            f"Days; 0 keeps none. Leave it empty to keep them as long as this installation does: {kept}."
        )

    @property
    def rules(self) -> Rules:
        return Rules(**{name: self.cleaned_data[name] for name in Rules.__slots__})

    @property
    def seen_rules(self) -> Rules | None:
        """The rules that the page showed; None if that is not readable, and then nothing is compared."""
        try:
            return Rules(**json.loads(self.cleaned_data["seen"]))
        except (ValueError, TypeError):
            return None
