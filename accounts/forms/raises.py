from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.timezone import now

from accounts import money
from accounts.flows.raise_limit import proposed_end, until_in_words
from accounts.forms.fields import LineField
from accounts.models import Unit, User

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Limit

# The largest amount fits any budget, and adding it to a limit stays within 64 bits.
_LARGEST = 10**15
_EVERYBODY = "everybody"
_SPANS = {
    "hour": ("For an hour", timedelta(hours=1)),
    "day": ("For a day", timedelta(days=1)),
    "week": ("For a week", timedelta(days=7)),
    "month": ("For 30 days", timedelta(days=30)),
}


class AskForm(forms.Form):
    """The request of a member whose prompt was refused."""

    limit = forms.UUIDField()
    needed = forms.IntegerField(min_value=0, max_value=_LARGEST)
    ask_note = LineField(max_length=200, required=False)


class AllowForm(forms.Form):
    """The answer to a request: one of the amounts that the page proposes, or another one."""

    amount = forms.IntegerField(min_value=1, max_value=_LARGEST)


class RaiseForm(forms.Form):
    """A raise that an admin makes of their own accord."""

    amount = forms.DecimalField(
        label="Allow more", min_value=0, widget=forms.NumberInput(attrs={"step": "any", "autofocus": True})
    )
    until = forms.ChoiceField(label="How long")
    member = forms.ChoiceField(label="For")
    reason = LineField(label="Reason", max_length=200, required=False)

    def __init__(self, limit: Limit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = limit
        self._is_money = limit.unit == Unit.USD
        self._end = proposed_end(limit, now())
        self.fields["amount"].label = f"Allow more, in {Unit(limit.unit).label}"
        until = [("period", f"Until {until_in_words(limit.workspace, self._end)}")]
        until += [(name, label) for name, (label, _) in _SPANS.items()]
        people = User.objects.filter(memberships__workspace=limit.workspace).order_by("name", "email")
        chosen = people.filter(pk=limit.member_id) if limit.member_id else people
        names = [(str(user.pk), f"{user.display_name} ({user.email})") for user in chosen]
        whom = names if limit.member_id else [(_EVERYBODY, f"{limit.who}"), *names]
        self.fields["until"].choices = until  # type: ignore[attr-defined]
        self.fields["member"].choices = whom  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        """Return the amount in the unit that the limit counts."""
        given = self.cleaned_data["amount"]
        amount = money.in_credits(given) if self._is_money else int(given)
        if amount < 1:
            raise forms.ValidationError("Enter an amount above 0.")
        if amount > _LARGEST or (not self._is_money and amount != given):
            raise forms.ValidationError("Enter a smaller, whole number.")
        return amount

    def clean_until(self) -> datetime:
        chosen: str = self.cleaned_data["until"]
        return self._end if chosen == "period" else now() + _SPANS[chosen][1]

    def clean_member(self) -> User | None:
        chosen: str = self.cleaned_data["member"]
        return None if chosen == _EVERYBODY else User.objects.get(pk=chosen)
