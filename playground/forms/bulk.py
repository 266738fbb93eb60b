"""The change of many models at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Group, Role
from accounts.permissions import people_in_words

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Workspace

# The lowest roles, from the one with the fewest rights, and no role at all.
_ROLES = [(role.value, people_in_words(role)) for role in reversed(Role)]


class LowestRoleField(forms.ChoiceField):
    """The lowest role that may use something; empty if no role may, but others alone, as ``others`` says."""

    _NONE = "none"

    def __init__(self, others: str) -> None:
        choices = [*((role, whose.capitalize()) for role, whose in _ROLES), (self._NONE, others)]
        select = forms.Select(attrs={"class": "input"})
        super().__init__(label="Who may use it", choices=choices, widget=select)

    def prepare_value(self, value: Any) -> Any:
        return self._NONE if value == "" else value

    def clean(self, value: Any) -> str:
        chosen = str(super().clean(value))
        return "" if chosen == self._NONE else chosen


# Bulk changes by their code: the label, what the models then are, and the columns with their new values.
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "on": ("Switch on", "switched on", {"is_enabled": True}),
    "off": ("Switch off", "switched off", {"is_enabled": False}),
    "list": ("List in the picker", "listed in the picker", {"is_listed": True}),
    "hide": ("Remove from the picker", "no longer listed in the picker", {"is_listed": False}),
    **{
        role: (f"Allow {whose}{' only' if role == Role.OWNER else ''}", f"for {whose}", {"lowest_role": role})
        for role, whose in _ROLES
    },
}
# Bulk changes for a group, by the beginning of their codes; the end is the group's code.
_GROUP_CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "only": ("Allow {} only", "for {} only", {"lowest_role": ""}),
    "also": ("Allow {} too", "for {} too", {}),
}
SCOPES = {"ticked": "the ticked models", "found": "all that are found"}


@dataclass(frozen=True, slots=True)
class BulkChange:
    """A change: its result in words, the columns with new values, and a group that may use the models too."""

    result: str
    decided: dict[str, Any]
    group: Group | None = None


class BulkForm(forms.Form):
    scope = forms.ChoiceField(label="Of", choices=list(SCOPES.items()), initial="ticked")
    change = forms.ChoiceField(label="Do", widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, data: Any, workspace: Workspace) -> None:
        super().__init__(data)
        self._groups = {str(group.code): group for group in groups_of(workspace)}
        field: Any = self.fields["change"]
        field.choices = [(code, label) for code, (label, _, _) in CHANGES.items()]
        for word, (label, _, _) in _GROUP_CHANGES.items():
            of_groups = [(f"{word}:{code}", label.format(group)) for code, group in self._groups.items()]
            if of_groups:
                field.choices += [(label.format("a group").removeprefix("Allow ").capitalize(), of_groups)]

    @property
    def chosen(self) -> BulkChange:
        code = self.cleaned_data["change"]
        if code in CHANGES:
            _, result, decided = CHANGES[code]
            return BulkChange(result, decided)
        word, _, code = code.partition(":")
        _, result, decided = _GROUP_CHANGES[word]
        group = self._groups[code]
        return BulkChange(result.format(group), decided, group)


def groups_of(workspace: Workspace) -> QuerySet[Group]:
    return Group.objects.filter(workspace=workspace).order_by("name_key")
