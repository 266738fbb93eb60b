from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.exceptions import EntryChanged, NameTaken
from chat.models import Access

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.models import LibraryEntry


@dataclass(frozen=True, slots=True)
class EntryFields:
    """The content of an entry. Only tools have a schema of results and examples of them."""

    name: str
    description: str
    schema: str
    is_strict: bool = False
    result_schema: str = ""
    examples: tuple[dict[str, str], ...] = ()


def add_library_entry(
    kind: type[LibraryEntry],
    workspace: Workspace,
    fields: EntryFields,
    *,
    actor: User,
    access: Access = Access.WRITE,
) -> LibraryEntry:
    """Store a new tool or output schema.

    :raises NameTaken: the workspace has another one of that name.
    """
    entry = kind(workspace=workspace, created_by=actor, workspace_access=access, **_columns(kind, fields))
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            _record(entry, fields.name, actor)
    except IntegrityError as error:
        raise NameTaken(fields.name) from error
    return entry


def change_library_entry(entry: LibraryEntry, fields: EntryFields, version: int, *, actor: User) -> None:
    """Store the changed content of an entry, as it was edited at ``version``.

    :raises NameTaken: the workspace has another one of that name.
    :raises EntryChanged: somebody else has changed or deleted it since.
    """
    kind = type(entry)
    unchanged = kind._default_manager.filter(pk=entry.pk, version=version)
    try:
        with transaction.atomic():
            changed = unchanged.update(**_columns(kind, fields), version=F("version") + 1, updated_at=now())
            if changed:
                _record(entry, fields.name, actor)
    except IntegrityError as error:
        raise NameTaken(fields.name) from error
    if not changed:
        raise EntryChanged


def _record(entry: LibraryEntry, name: str, actor: User) -> None:
    audit.record(
        entry.workspace_id, AuditAction.SAVE_LIBRARY_ENTRY, actor=actor, subject=name, code=entry.code
    )


def _columns(kind: type[LibraryEntry], fields: EntryFields) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "name": fields.name,
        "description": fields.description,
        "schema": fields.schema,
        "is_strict": fields.is_strict,
    }
    if kind.__name__ == "Tool":
        columns |= {"result_schema": fields.result_schema, "examples": list(fields.examples)}
    return columns
