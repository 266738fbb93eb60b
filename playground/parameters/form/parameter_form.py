"""The form of an endpoint's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from playground.models import Endpoint
from playground.parameters.form.cleaning import attach_error
from playground.parameters.form.entry import Entry, root_name
from playground.parameters.form.entry_from_post import Posted
from playground.parameters.form.extra import NAME as EXTRA
from playground.parameters.form.extra import ExtraBox
from playground.parameters.form.fields import BoundParameter, ParameterField
from playground.parameters.form.sending import SendingControls, SendingRow
from playground.parameters.known.help import GROUPS, known_parameter, position_of
from playground.parameters.known.schema_values import schema_warnings
from playground.parameters.known.value_remarks import refused_values, value_remarks
from playground.parameters.known.warnings import conflict_warnings
from playground.parameters.schema.request_schema import RequestSchema, cached_request_schema
from playground.parameters.schema.sending import Sending
from playground.parameters.schema.spec import UNSET
from playground.parameters.schema.validation import find_errors

FROM_ANOTHER = "From another version of the documentation"
DEFAULT_SENDING = Sending()
# Names of the system prompt in requests. Pages from before it had a place of its own post them as parameters.
_SYSTEM = frozenset({"system", "instructions"})
_MOVED = (
    "The system prompt has moved above the first message. Copy its text from the parameters, reload the page "
    "and paste it there."
)


class ParameterGroup:
    """Fields under one heading."""

    # A long form starts with these groups folded, unless something in them is sent.
    FOLDED = frozenset({"search", "other", "extra", "sending"})
    LONG_FORM = 16
    # The group of parameters that are doubtful. The browser does not remember that it was opened.
    ANOTHER = "another"

    def __init__(
        self,
        code: str,
        label: str,
        fields: list[BoundParameter] | list[ExtraBox] | list[SendingRow],
        form_length: int,
    ) -> None:
        self.code = code
        self.label = label
        self.fields = fields
        self.changed_count = sum(field.is_sent for field in fields)
        self.is_doubtful = code == self.ANOTHER
        is_folded = self.is_doubtful or (code in self.FOLDED and form_length > self.LONG_FORM)
        self.is_open = not is_folded or bool(self.changed_count)


class ParameterForm(forms.Form):
    """A form bound to posted data, or made from the values chosen before (``initial``)."""

    AT_A_GLANCE = 5
    fields: dict[str, ParameterField]  # type: ignore[assignment]

    def __init__(
        self,
        request_schema: RequestSchema,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
        sending: Sending = DEFAULT_SENDING,
    ) -> None:
        self.request_schema = request_schema
        self.posted = Posted(data) if data is not None else None
        self._entries: dict[str, Entry] = {}
        # A sentence for each parameter that the provider refused, by name.
        self.refusals: Mapping[str, str] = {}
        super().__init__(data=self.posted, initial=initial or {})  # type: ignore[arg-type]
        self.fields = {
            spec.name: ParameterField(spec, request_schema.validators[spec.name])
            for spec in request_schema.specs
        }
        self.extra = ExtraBox(self.fields, self.posted, self.initial or {})
        self.sending = SendingControls(request_schema.streaming, data, sending)

    def add_prefix(self, field_name: str) -> str:
        return root_name(field_name)

    def entry_for(self, name: str) -> Entry:
        """Return the state of a parameter's controls, always the same object, which keeps the errors."""
        if name not in self._entries:
            field = self.fields[name]
            if self.posted is not None:
                self._entries[name] = field.widget.value_from_datadict(self.posted, {}, root_name(name))
            else:
                self._entries[name] = field.entry_of((self.initial or {}).get(name, UNSET))
        return self._entries[name]

    def _clean_fields(self) -> None:
        for name, field in self.fields.items():
            if self.posted is not None and not self.posted.fills(root_name(name)):
                # Most parameters of a page are not set. Their entries are made only if they are shown.
                self.cleaned_data[name] = UNSET
                continue
            try:
                self.cleaned_data[name] = field.clean(self.entry_for(name))
            except ValidationError as error:
                self.add_error(name, error)

    def is_valid(self) -> bool:
        return super().is_valid() and not self.extra.entry.errors

    def clean(self) -> None:
        if self.posted is None:
            return
        for stray in self.posted.unasked():
            name = stray[2:82]
            self.add_error(None, _MOVED if name in _SYSTEM else f"“{name}” is not a parameter of this model.")
        self._clean_together()

    def _clean_together(self) -> None:
        """Check the rules that concern several parameters."""
        if self.errors or not (values := self.parameters):
            return
        validator = self.request_schema.cross_field_validator
        for path, message in find_errors(validator, values) if validator else ():
            self._refuse(str(path[0]) if path else "", path[1:], message)
        for refused in refused_values(values):
            self._refuse(refused.name, refused.path, refused.sentence)

    def _refuse(self, name: str, path: tuple[str | int, ...], message: str) -> None:
        if name in self.fields:
            attach_error(self.entry_for(name), path, message)
            self.add_error(name, message)
        else:
            self.add_error(None, message)

    def check(self, name: str, value: Any) -> None:
        """Note the errors of a value that stands for a parameter that was left unset."""
        for path, message in find_errors(self.fields[name].validator, value):
            self._refuse(name, path, message)

    @property
    def parameters(self) -> dict[str, Any]:
        """The values to send: those that were set and are valid, including an explicit null."""
        values = {name: self.value_of(name) for name in self.fields}
        return {**{name: value for name, value in values.items() if value is not UNSET}, **self.extra.values}

    def value_of(self, name: str) -> Any:
        if not self.is_bound:
            return (self.initial or {}).get(name, UNSET)
        # Access to ``errors`` cleans the form, once.
        return UNSET if name in self.errors else self.cleaned_data.get(name, UNSET)

    def is_sent(self, name: str) -> bool:
        """Tell whether the parameter counts as changed: it has a value, or an invalid one."""
        return self.value_of(name) is not UNSET or (self.is_bound and name in self.errors)

    @property
    def warnings(self) -> dict[str, list[str]]:
        """Advice by name of the parameter. Warnings never keep a form from being sent."""
        found = {name: [text] for name, text in self.refusals.items() if name in self.fields}
        for name, text in conflict_warnings(
            [name for name in self.fields if self.is_sent(name)], self.fields
        ):
            found.setdefault(name, []).append(text)
        beside = [f"{name}: {text}" for name, text in self.refusals.items() if name in self.extra.values]
        self.extra.warning = " ".join(beside)
        values = self.parameters
        for name, text in (*schema_warnings(values), *value_remarks(values)):
            found.setdefault(name, []).append(text)
        return found

    @property
    def errors_by_name(self) -> dict[str, list[str]]:
        """Messages by control (``tools.0.function.name``); those of the whole form under the empty name."""
        found: dict[str, list[str]] = {}
        for name in self.errors:
            if name in self.fields:
                for place, message in self.entry_for(name).all_errors():
                    found.setdefault(place[2:], []).append(message)
        if wrong := self.extra.entry.errors:
            found[EXTRA[2:]] = wrong
        if strays := self.non_field_errors():
            found[""] = [str(message) for message in strays]
        return found

    @property
    def is_long(self) -> bool:
        """True if the form is so long that users search in it."""
        return len(self.fields) > self.AT_A_GLANCE

    @property
    def count(self) -> int:
        """The number of rows, with the box for extra parameters and the controls of sending."""
        return len(self.fields) + 1 + len(self.sending.rows)

    @property
    def changed_count(self) -> int:
        changed = sum(self.is_sent(name) for name in self.fields) + self.extra.is_sent
        return changed + self.sending.changed_count

    @property
    def groups(self) -> list[ParameterGroup]:
        bound: list[Any] = sorted(
            (self[name] for name in self.fields), key=lambda item: position_of(item.name)
        )
        warnings = self.warnings
        for field in bound:
            field.warnings = warnings.get(field.name, ())
        result = []
        for group in GROUPS:
            members = [
                field
                for field in bound
                if known_parameter(field.name).group == group.code and not field.spec.is_from_another
            ]
            if members:
                result.append(ParameterGroup(group.code, group.label, members, len(self.fields)))
        if doubtful := [field for field in bound if field.spec.is_from_another]:
            result.append(ParameterGroup(ParameterGroup.ANOTHER, FROM_ANOTHER, doubtful, len(self.fields)))
        return result

    @property
    def all_groups(self) -> list[ParameterGroup]:
        """The groups of the schema's parameters and, after them, the box for extra ones and the sending."""
        length = len(self.fields)
        return [
            *self.groups,
            ParameterGroup("extra", "Extra", [self.extra], length),
            ParameterGroup("sending", "How it is sent", self.sending.rows, length),
        ]


def parameter_form(
    endpoint: Endpoint,
    data: QueryDict | Mapping[str, Any] | None = None,
    initial: dict[str, Any] | None = None,
    sending: Sending = DEFAULT_SENDING,
) -> ParameterForm:
    """Make the form for ``endpoint``. Parameters in ``initial`` that its schema lacks are extra ones.

    ``sending`` is the choice before, as ``initial``.
    """
    request_schema = cached_request_schema(
        endpoint.schema_digest, lambda: endpoint.request_schema, output_max=endpoint.model.output_max
    )
    return ParameterForm(request_schema, data, initial, sending)
