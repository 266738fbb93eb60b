from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms.seen import SeenForm
from accounts.limit_words import in_words
from accounts.models import Limit, Period, Unit, Workspace, can_let_wait
from accounts.money import CREDITS_PER_USD, written
from accounts.subjects import EACH, SubjectChoice, subject_of

# The largest amount fits any budget, and adding what runs hold stays within 64 bits.
_LARGEST = 10**15
_MOST_THRESHOLDS = 5


class AmountField(forms.DecimalField):
    """A number as people write it: dollars for the unit ``usd``, and else a whole number."""

    def __init__(self, **options: Any) -> None:
        number = forms.NumberInput(attrs={"step": "any"})
        super().__init__(label="At most", min_value=0, max_value=_LARGEST, widget=number, **options)


def counted(amount: Decimal, unit: str) -> int:
    """Return the number that a limit stores for an amount: credits for dollars.

    :raises ValidationError: the unit has no such fraction.
    """
    if unit == Unit.USD:
        amount *= CREDITS_PER_USD
    if amount != int(amount):
        smallest = "The smallest amount is $0.0000005." if unit == Unit.USD else "Enter a whole number."
        raise forms.ValidationError(smallest, code="fraction")
    if amount > _LARGEST:
        raise forms.ValidationError("This is more than the books can hold.", code="too_large")
    return int(amount)


class LimitForm(forms.Form):
    subject = forms.CharField(label="For")
    amount = AmountField()
    unit = forms.ChoiceField(label="Unit", choices=Unit.choices)
    period = forms.ChoiceField(label="Period", choices=Period.choices, initial=Period.DAY)
    model_pattern = forms.CharField(
        label="Models",
        max_length=200,
        required=False,
        help_text="An id, or a part of it with *, such as gpt-*. Empty for all models.",
        widget=forms.TextInput(
            attrs={"list": "models-offered", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    provider_code = forms.CharField(
        label="Provider",
        max_length=80,
        required=False,
        help_text="Empty for all providers.",
        widget=forms.TextInput(
            attrs={"list": "providers-offered", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    notify_at = forms.CharField(
        label="Tell people at",
        required=False,
        initial="80, 100",
        help_text="Percents of the amount, such as 80, 100. Empty for never.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    is_soft = forms.BooleanField(label="Only tell people, and refuse nothing", required=False)
    lets_wait = forms.BooleanField(
        label="Let prompts that come too early wait",
        required=False,
        help_text="They are sent by themselves when the limit leaves enough, and refused after an hour.",
    )

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._workspace = workspace

    @classmethod
    def chosen(cls, workspace: Workspace, key: str) -> LimitForm:
        """Return an empty form. With the key of a subject this is chosen, and the amount has the focus."""
        form = cls(workspace, initial={"subject": EACH})
        if subject_of(workspace, key) is not None:
            form.initial["subject"] = key
            form.fields["amount"].widget.attrs["autofocus"] = True
        return form

    @property
    def has_more(self) -> bool:
        """Whether a part of the form that is folded at first was filled in, or refused."""
        more = ("model_pattern", "provider_code", "is_soft")
        return self.is_bound and any(self[name].value() or self[name].errors for name in (*more, "notify_at"))

    def clean_subject(self) -> SubjectChoice:
        subject = subject_of(self._workspace, self.cleaned_data["subject"])
        if subject is None:
            raise forms.ValidationError("Choose whom the limit is for.", code="unknown")
        return subject

    def clean_notify_at(self) -> list[int]:
        given = self.cleaned_data["notify_at"].replace("%", " ").replace(",", " ").split()
        if not all(each.isdecimal() and 1 <= int(each[:5]) <= 100 for each in given):
            raise forms.ValidationError("Enter percents from 1 to 100, such as 80, 100.", code="percent")
        if len(given) > _MOST_THRESHOLDS:
            raise forms.ValidationError(f"Enter at most {_MOST_THRESHOLDS} percents.", code="many")
        return sorted({int(each) for each in given})

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        unit = values.get("unit", "")
        # A number of requests at once has no period.
        values["period"] = Period.EVER if unit == Unit.CONCURRENT else values.get("period")
        # The page does not offer the choice for other limits, where it may still be ticked from before.
        kind = unit, values["period"] or ""
        values["lets_wait"] &= can_let_wait(*kind, is_soft=values.get("is_soft", False))
        if unit and values.get("amount") is not None:
            try:
                values["amount"] = counted(values["amount"], unit)
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return values

    def sentence(self) -> str:
        """Say what the limit would mean; return an empty text while the form is incomplete."""
        return in_words(self.limit()) if self.is_valid() else ""

    def limit(self) -> Limit:
        """Return the limit that a valid form describes; it is not saved."""
        values = dict(self.cleaned_data)
        subject = values.pop("subject")
        return Limit(workspace=self._workspace, **subject.scope, **values)


class AmountForm(SeenForm):
    """A new amount of a limit, in its unit."""

    amount = AmountField()

    def __init__(self, limit: Limit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A row of the list shows the same text.
        self.initial["amount"] = written(limit.amount, limit.unit)
        self._unit = limit.unit

    def clean_amount(self) -> int:
        return counted(self.cleaned_data["amount"], self._unit)
