"""A table of an archive: its columns, what they refer to, and the way to the workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import ForeignKey, Q

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True)
class Table:
    """A table of the archive.

    ``path`` leads from a row to its workspace. A row is left out if one of the objects that it needs is not
    in the archive: those of its foreign keys that may not be empty, and of those in ``needs``.
    """

    model: type[Model]
    path: str
    only: Q = field(default_factory=Q)
    needs: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.model._meta.label

    @cached_property
    def fields(self) -> list[Any]:
        """The columns without the key, in their order."""
        return [each for each in self.model._meta.concrete_fields if not each.primary_key]

    @cached_property
    def names(self) -> list[str]:
        return [each.attname for each in self.fields]

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The columns by their names."""
        return dict(zip(self.names, self.fields, strict=True))

    @cached_property
    def references(self) -> dict[str, type[Model]]:
        """The tables that columns refer to."""
        found: dict[str, type[Model]] = {}
        for each in self.fields:
            if isinstance(each, ForeignKey):
                target: Any = each.related_model
                found[each.attname] = target
        return found

    @cached_property
    def needed(self) -> set[str]:
        """The columns without whose objects a row is left out."""
        named = {f"{name}_id" for name in self.needs}
        return named | {
            each.attname for each in self.fields if isinstance(each, ForeignKey) and not each.null
        }
