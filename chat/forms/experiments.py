from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms

from chat.flows.start_experiment import MAX_CONCURRENCY, MAX_REPETITIONS, MAX_VARIANTS
from chat.forms.typed_text import TypedText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_TEXT = 100_000
# Dollars; more would be a mistake.
_MOST_CAP = 100_000


class CapField(forms.DecimalField):
    """A cap in dollars. Empty is no cap."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Cap in USD",
            required=False,
            min_value=Decimal("0.000001"),
            max_value=_MOST_CAP,
            max_digits=12,
            decimal_places=6,
            help_text="It pauses before it costs more. All your limits count too.",
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 10}),
            **options,
        )


class ExperimentForm(forms.Form):
    """The prompts, models and parameters that a test table is run over."""

    prompts = forms.MultipleChoiceField(label="Prompts from the library", required=False)
    system = TypedText(
        label="System prompt", required=False, max_length=_MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
    text = TypedText(
        label="Or type a prompt",
        required=False,
        max_length=_MOST_TEXT,
        help_text="Write {{variable}} for a value of the case.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    models = forms.MultipleChoiceField(label="Models", required=False)
    sets = forms.CharField(
        label="More sets as JSON",
        required=False,
        max_length=20_000,
        help_text='One set on each line, such as {"temperature": 0}. It is sent as it is.',
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"}),
    )
    sends_lacking = forms.BooleanField(label="Send them all the same", required=False)
    # The models and the parameters that the page has named as missing there.
    noted = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    judge = forms.ChoiceField(
        label="Model that judges", error_messages={"required": "Choose a model that judges."}
    )
    repetitions = forms.IntegerField(
        label="Answers to each case", min_value=1, max_value=MAX_REPETITIONS, initial=1
    )
    concurrency = forms.IntegerField(
        label="Answers at once", min_value=1, max_value=MAX_CONCURRENCY, initial=4
    )
    cap_usd = CapField(initial=Decimal(1))
    # A second click starts no second experiment.
    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(
        self,
        prompts: Sequence[tuple[str, str]],
        models: Sequence[tuple[str, str]],
        *,
        has_judge: bool,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["prompts"].choices = prompts  # type: ignore[attr-defined]
        self.fields["models"].choices = models  # type: ignore[attr-defined]
        if has_judge:
            self.fields["judge"].choices = [("", "Choose a model…"), *models]  # type: ignore[attr-defined]
        else:
            del self.fields["judge"]

    def clean_sets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number, line in enumerate(self.cleaned_data["sets"].splitlines(), 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                raise forms.ValidationError(f"Line {number} is not a JSON object.")
            found.append(value)
        if len(found) > MAX_VARIANTS:
            raise forms.ValidationError(f"At most {MAX_VARIANTS} sets are possible.")
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("prompts") and not data.get("text"):
            self.add_error("text", "Choose a prompt, or type one.")
        if not data.get("models"):
            self.add_error("models", "Choose at least one model.")
        if "judge" in self.fields and not data.get("judge") and "judge" not in self.errors:
            self.add_error("judge", "Choose a model that judges.")
        return data


class ResumeForm(forms.Form):
    """Another cap for an experiment that goes on."""

    cap_usd = CapField()
