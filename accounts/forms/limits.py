from __future__ import annotations

from typing import Any, Self

from django import forms

from accounts.models import Limit, Period, Unit, User, Workspace

# The largest amount fits any budget, and adding what runs hold stays within 64 bits.
_LARGEST = 10**15
# The value of the field for all members together.
EVERYBODY = "everybody"


class LimitForm(forms.Form):
    member = forms.CharField(label="For")
    amount = forms.IntegerField(
        label="At most", min_value=0, max_value=_LARGEST, widget=forms.NumberInput(attrs={"step": "any"})
    )
    unit = forms.ChoiceField(label="Unit", choices=Unit.choices)
    period = forms.ChoiceField(label="Period", choices=Period.choices)

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._workspace = workspace

    @classmethod
    def chosen(cls, workspace: Workspace, key: str) -> Self:
        """Return an empty form. If the key is a member's, they are chosen, and the amount has the focus."""
        form = cls(workspace)
        if (member := form._member(key)) is not None:
            form.initial["member"] = str(member.pk)
            form.fields["amount"].widget.attrs["autofocus"] = True
        return form

    def clean_member(self) -> User | None:
        """Return the member; None for all members together."""
        given: str = self.cleaned_data["member"]
        if given == EVERYBODY:
            return None
        member = self._member(given)
        if member is None:
            raise forms.ValidationError("Choose all members together, or one member.", code="unknown")
        return member

    def _member(self, key: str) -> User | None:
        members = User.objects.filter(memberships__workspace=self._workspace)
        # A number of 19 digits is larger than any key.
        return members.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None

    def sentence(self) -> str:
        """Say what the limit would mean; return an empty text while the form is incomplete."""
        if not self.is_valid():
            return ""
        return in_words(self.limit())

    def limit(self) -> Limit:
        """Return the limit that a valid form describes; it is not saved."""
        return Limit(**self.cleaned_data)


class AmountForm(forms.Form):
    amount = forms.IntegerField(label="At most", min_value=0, max_value=_LARGEST)


def in_words(limit: Limit) -> str:
    """Describe a limit in a sentence, such as

    "Bob may use at most $0.00025 (500 credits) per day, counted from 00:00 UTC."
    """
    who = limit.who
    since = {
        Period.DAY: "counted from 00:00 UTC",
        Period.MONTH: "counted from the first of the month, UTC",
        Period.EVER: "counted from the first run",
    }[Period(limit.period)]
    if not limit.amount:
        return f"{who} may not use any {limit.unit} at all."
    return f"{who} may use at most {limit.label}, {since}."
