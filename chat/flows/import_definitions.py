from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from chat.exceptions import NameTaken
from chat.library_access import visible_items
from chat.models import OutputSchema, Tool
from chat.tool_schemas.importing import TOOL, numbered
from chat.tool_schemas.reading import written
from chat.tool_schemas.rows import is_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Membership, User, Workspace
    from chat.models import LibraryEntry
    from chat.tool_schemas.importing import Definition

KINDS: dict[str, type[LibraryEntry]] = {TOOL: Tool, "schema": OutputSchema}


@dataclass(frozen=True, slots=True)
class Planned:
    """A definition, and what an import makes of it."""

    definition: Definition
    # The name in the library: another one than its own if that belongs to something else.
    name: str
    # Whether the library has it already, so that nothing is stored.
    is_there: bool = False

    @property
    def is_renamed(self) -> bool:
        return self.name != self.definition.name


def plan_import(membership: Membership, definitions: Sequence[Definition]) -> list[Planned]:
    """Return what an import of these definitions would do. Nothing is stored."""
    known = {kind: _known(membership, model) for kind, model in KINDS.items()}
    return [_planned(each, known[each.kind]) for each in definitions]


def import_definitions(
    membership: Membership, definitions: Sequence[Definition], *, actor: User
) -> list[Planned]:
    """Add definitions to the library, all of them or none; return what was made of each.

    :raises NameTaken: somebody else has just used one of the names.
    """
    try:
        with transaction.atomic():
            planned = plan_import(membership, definitions)
            for kind, model in KINDS.items():
                fresh = [each for each in planned if each.definition.kind == kind and not each.is_there]
                model._default_manager.bulk_create(
                    _entry(model, membership.workspace, each, actor) for each in fresh
                )
    except IntegrityError as error:
        raise NameTaken from error
    return planned


def _known(membership: Membership, model: type[LibraryEntry]) -> dict[str, tuple[str, str]]:
    rows = visible_items(model, membership).values_list("name", "description", "schema")
    return {name: (description, schema) for name, description, schema in rows}


def _planned(found: Definition, known: dict[str, tuple[str, str]]) -> Planned:
    """Plan one definition and add it to the known ones, so that two of one name get two names."""
    # An earlier import may have stored it under another name.
    for name in numbered(found.name):
        if name not in known:
            break
        description, schema = known[name]
        if description == found.description and is_same(json.loads(schema or "{}"), found.schema):
            return Planned(found, name, is_there=True)
    known[name] = (found.description, written(found.schema))
    return Planned(found, name)


def _entry(model: type[LibraryEntry], workspace: Workspace, planned: Planned, actor: User) -> LibraryEntry:
    found = planned.definition
    return model(
        workspace=workspace,
        name=planned.name,
        description=found.description,
        schema=written(found.schema),
        is_strict=found.is_strict,
        created_by=actor,
    )
