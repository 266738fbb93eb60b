from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

# No answer costs more.
_DEAREST = Decimal(1_000_000)


class CorrectionForm(forms.Form):
    """The cost that a run should have been charged, and the reason."""

    usd = forms.DecimalField(
        label="It should cost (USD)",
        min_value=Decimal(0),
        max_value=_DEAREST,
        decimal_places=9,
        help_text="The whole cost of the run, not the difference. Limits count the corrected cost.",
    )
    reason = forms.CharField(
        label="Reason", max_length=300, help_text="For example: The provider’s invoice says so."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
