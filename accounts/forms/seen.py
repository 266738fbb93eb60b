"""Forms of settings that remember what they showed, so that no change of another person is undone unseen."""

from __future__ import annotations

import json
from typing import Any

from django import forms

# The most characters of a stored value in a sentence about it.
_LONGEST = 200


class SeenForm(forms.Form):
    """A form whose page posts the stored values that it showed, as ``seen`` (elements/seen.html).

    Its initial values are those that are stored now. Where one of them is neither the one that the page
    showed nor the one that was posted, the form is refused once: the person sees both and can save again.
    """

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            return
        seen = _read(self.data.get("seen", ""))
        for name, stored in self._stored().items():
            # A value may be kept in another form than it is posted in, such as dollars.
            if seen.get(name, stored) == stored or self[name].data == stored:
                continue
            if self.fields[name].has_changed(self[name].initial, self[name].data):
                words = (
                    f"Somebody has set this to {self._in_words(name)} meanwhile. Save again to replace that."
                )
                self.add_error(name, forms.ValidationError(words, code="changed"))

    @property
    def stored(self) -> str:
        """The stored values as the page posts them."""
        return json.dumps(self._stored(), ensure_ascii=False)

    def _stored(self) -> dict[str, str]:
        return {
            name: _text(field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in self.fields.items()
            if not isinstance(field.widget, forms.PasswordInput)
        }

    def _in_words(self, name: str) -> str:
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(field, forms.BooleanField):
            return "on" if value else "off"
        chosen = [str(each) for each in (value if isinstance(value, list) else [value]) if each is not None]
        if isinstance(field, forms.ChoiceField | forms.ModelMultipleChoiceField):
            chosen = _labels(field, chosen)
        words = ", ".join(filter(None, chosen))
        if not words:
            return "nothing"
        return f"“{words if len(words) <= _LONGEST else words[:_LONGEST] + '…'}”"


def _labels(field: Any, chosen: list[str]) -> list[str]:
    """Return the labels of chosen values; choices may be in groups."""
    labels: dict[str, str] = {}
    for value, label in field.choices:
        inner = label if isinstance(label, list | tuple) else [(value, label)]
        labels |= {str(key): str(text) for key, text in inner}
    return [labels.get(each, each) for each in chosen]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(sorted(str(each) for each in value))
    return "" if value is None else str(value)


def _read(posted: str) -> dict[str, Any]:
    """Return the values that a page showed; none of them if it does not say so readably."""
    try:
        seen = json.loads(posted)
    except (ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}
