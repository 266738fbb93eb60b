from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts import money
from accounts.models import Limit, Period, Unit, User, Workspace

# The largest amount fits any budget, and adding what runs hold stays within 64 bits.
_LARGEST = 10**15
_EVERYBODY = "everybody"


class LimitForm(forms.Form):
    member = forms.TypedChoiceField(label="For")
    amount = forms.IntegerField(
        label="At most", min_value=0, max_value=_LARGEST, widget=forms.NumberInput(attrs={"step": "any"})
    )
    unit = forms.ChoiceField(label="Unit", choices=Unit.choices)
    period = forms.ChoiceField(label="Period", choices=Period.choices)

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__workspace=workspace).order_by("name", "email")
        self._people = {str(user.pk): user for user in people}
        member = cast("forms.TypedChoiceField", self.fields["member"])
        named = [(number, f"{user.display_name} ({user.email})") for number, user in self._people.items()]
        member.choices = [(_EVERYBODY, "All members together"), *named]
        # `get` gives None for all members together.
        member.coerce = self._people.get

    def sentence(self) -> str:
        """Say what the limit would mean; return an empty text while the form is incomplete."""
        if not self.is_valid():
            return ""
        return in_words(Limit(**self.cleaned_data))


class AmountForm(forms.Form):
    amount = forms.IntegerField(label="At most", min_value=0, max_value=_LARGEST)


def in_words(limit: Limit) -> str:
    """Describe a limit in a sentence, such as

    "Bob may use at most 500 credits per day (0.00025 USD), counted from 00:00 UTC."
    """
    who = limit.member.display_name if limit.member else "All members together"
    since = {
        Period.DAY: "counted from 00:00 UTC",
        Period.MONTH: "counted from the first of the month, UTC",
        Period.EVER: "counted from the first run",
    }[Period(limit.period)]
    if not limit.amount:
        return f"{who} may not use any {limit.unit} at all."
    worth = money.worth(limit.amount, limit.unit)
    return f"{who} may use at most {limit.label}{f' ({worth})' if worth else ''}, {since}."
