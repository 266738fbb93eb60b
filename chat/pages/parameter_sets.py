"""The sets of parameters of a new experiment. At most one is open, in the form of a model or as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat.flows.start_experiment import MAX_VARIANTS, ParameterSet
from chat.pages.edited_parameters import edited_values, posted_parameters
from playground.parameters.form.parsing import EntryError, parse_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from accounts.models import Membership
    from chat.pages.edited_parameters import EditedParameters
    from playground.models import Endpoint

_ROW = re.compile(r"s\.(\d{1,3})\.json")
_ACT = re.compile(r"(form|json|remove)\.(\d{1,3})")
_LONGEST_NAME, _DEEPEST = 80, 40


@dataclass(slots=True)
class SetRow:
    """A set as it is edited. ``text`` is its JSON, in the shapes of endpoints of ``kind``."""

    name: str = ""
    kind: str = ""
    text: str = ""
    error: str = ""
    # Whether it was opened or closed just now, by a button that may be gone.
    has_focus: bool = False
    # The values of the text; empty if it is wrong.
    values: dict[str, Any] = field(default_factory=dict)

    def read(self) -> None:
        """Set the values and the error from the text."""
        self.error, self.values = "", {}
        try:
            self.values = parse_object(self.text, deepest=_DEEPEST) if self.text.strip() else {}
        except EntryError as error:
            self.error = str(error)

    def take(self, edited: EditedParameters) -> None:
        values = edited.parameters
        self.text = json.dumps(values, ensure_ascii=False) if values else ""
        self.kind = edited.endpoint.kind
        self.read()

    @property
    def summary(self) -> str:
        return ParameterSet(self.values).title[:300]


@dataclass(slots=True)
class SetEditor:
    """All sets. ``open`` is the place of the one that is edited, in the form ``edited`` or else as JSON."""

    rows: list[SetRow] = field(default_factory=list)
    open: int | None = None
    edited: EditedParameters | None = None
    # The primary key of the endpoint whose form is shown, as it is posted.
    form_of: str = ""
    # Whether a set was removed just now, together with its button.
    is_shorter: bool = False

    @property
    def sets(self) -> list[ParameterSet]:
        return [ParameterSet(row.values, row.name, row.kind) for row in self.rows]

    def is_valid(self) -> bool:
        names = [row.name for row in self.rows if row.name]
        for place, row in enumerate(self.rows):
            if row.name and row.name in [other.name for other in self.rows[:place]]:
                row.error = f"Another set is called “{row.name}”. Choose another name."
        has_error = len(names) != len(set(names)) or any(row.error for row in self.rows)
        return not has_error and (self.edited is None or self.edited.is_valid())


def posted_sets(membership: Membership, data: QueryDict, endpoints: Sequence[Endpoint]) -> SetEditor:
    """Read the posted sets, and do what the button ``act`` asks for.

    A form with a wrong value stays open.
    """
    places = sorted({int(match[1]) for name in data if (match := _ROW.fullmatch(name))})
    editor = SetEditor([_posted_row(data, place) for place in places[: MAX_VARIANTS + 1]], None)
    editor.form_of = data.get("form_of", "")
    opened = data.get("open", "")
    if opened.isascii() and opened.isdecimal() and int(opened[:4]) in range(len(editor.rows)):
        editor.open = int(opened)
        editor.edited = posted_parameters(membership, data)
        if editor.edited is not None:
            editor.rows[editor.open].take(editor.edited)
    act = data.get("act", "")
    is_wrong = editor.edited is not None and not editor.edited.is_valid()
    if not act or (is_wrong and not act.startswith("remove.")):
        if editor.open is not None:
            editor.rows[editor.open].has_focus = act not in ("", "models")
        return editor
    _act_on(editor, act)
    _show_form(membership, editor, act, endpoints)
    return editor


def _posted_row(data: QueryDict, place: int) -> SetRow:
    row = SetRow(
        " ".join(data.get(f"s.{place}.name", "").replace("\0", "").split())[:_LONGEST_NAME],
        data.get(f"s.{place}.kind", "")[:40],
        data.get(f"s.{place}.json", "").replace("\0", ""),
    )
    row.read()
    return row


def _act_on(editor: SetEditor, act: str) -> None:
    before = editor.open
    if act == "add" and len(editor.rows) < MAX_VARIANTS:
        editor.rows.append(SetRow())
        editor.open = len(editor.rows) - 1
    elif act == "close" and (editor.open is None or not editor.rows[editor.open].error):
        editor.open = None
    elif (match := _ACT.fullmatch(act)) and int(match[2]) < len(editor.rows):
        place = int(match[2])
        editor.open = place
        if match[1] == "remove":
            del editor.rows[place]
            editor.open = None
            editor.is_shorter = True
            return
    touched = before if editor.open is None else editor.open
    if touched is not None and act != "models":
        editor.rows[touched].has_focus = True


def _show_form(membership: Membership, editor: SetEditor, act: str, endpoints: Sequence[Endpoint]) -> None:
    """Make the form of the open set, unless it is edited as JSON or there is no model yet."""
    was_form, editor.edited = editor.edited is not None, None
    if editor.open is None or act.startswith("json."):
        return
    row = editor.rows[editor.open]
    if not endpoints or row.error or not (was_form or act == "add" or act.startswith("form.")):
        return
    endpoint = next((each for each in endpoints if str(each.pk) == editor.form_of), endpoints[0])
    editor.form_of = str(endpoint.pk)
    editor.edited = edited_values(membership, endpoint, row.values, row.kind or endpoint.kind)
