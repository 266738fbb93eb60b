"""A parameter as a Django form field: the widget reads the posted controls, the field cleans them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from playground.parameters.form.cleaning import clean
from playground.parameters.form.control_html import parameter_html
from playground.parameters.form.entry import Entry, root_name
from playground.parameters.form.entry_from_post import Posted, read_entry
from playground.parameters.form.entry_from_value import FROM_JSON, back_to_controls, entry_of
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec
from playground.parameters.schema.validation import Validator

# Parameters that may hold the schema of an answer.
FORMATS = ("response_format", "text", "output_config")


class ParameterWidget(forms.Widget):
    def __init__(self, spec: ParameterSpec) -> None:
        self.spec = spec
        super().__init__()

    def __deepcopy__(self, memo: dict[int, Any]) -> ParameterWidget:
        # A field copies its widget. Each has one of its own already, and a form has dozens of fields.
        return self

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Entry:
        entry = read_entry(self.spec, name, data if isinstance(data, Posted) else Posted(data))
        return back_to_controls(entry) if FROM_JSON in entry.states else entry


class BoundParameter(forms.BoundField):
    """A parameter as templates see it."""

    field: ParameterField

    @property
    def spec(self) -> ParameterSpec:
        return self.field.spec

    @cached_property
    def entry(self) -> Entry:
        form: Any = self.form
        entry: Entry = form.entry_for(self.name)
        return entry

    @cached_property
    def is_sent(self) -> bool:
        form: Any = self.form
        return bool(form.is_sent(self.name))

    @property
    def library(self) -> str:
        return self.field.library

    # The form sets these, since a warning may concern several parameters.
    warnings: Sequence[str] = ()

    @property
    def html(self) -> SafeString:
        return parameter_html(self.entry, is_sent=self.is_sent, warning=" ".join(self.warnings))


class ParameterField(forms.Field):
    """A field whose clean value is the one that is sent, or UNSET."""

    widget: ParameterWidget

    def __init__(self, spec: ParameterSpec, validator: Validator) -> None:
        self.spec = spec
        self.validator = validator
        # The schema's default must not be the initial value: it is shown, not sent.
        super().__init__(required=False, label=spec.name, widget=ParameterWidget(spec))

    @property
    def library(self) -> str:
        """The kind of entries of the library that the parameter can hold: tool, schema, or choice of a tool.

        Some documents of Claude exchange the names of the two parameters for tools.
        """
        if self.spec.name in ("tools", "tool_choice"):
            return "tool" if self.spec.kind is Kind.ARRAY else "choice"
        return "schema" if self.spec.name in FORMATS else ""

    def entry_of(self, value: Any = UNSET) -> Entry:
        return entry_of(self.spec, root_name(self.spec.name), value)

    def clean(self, value: Entry) -> Any:
        cleaned = clean(value, self.validator)
        if errors := value.all_errors():
            raise ValidationError([message for _, message in errors])
        return cleaned

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundParameter:
        return BoundParameter(form, self, field_name)
