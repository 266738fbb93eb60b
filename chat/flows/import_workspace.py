"""Import an archive of a workspace, part by part; what was imported before an end in the middle stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, User, Workspace
from chat import files
from chat.archive.container import ArchiveError, ArchiveReader
from chat.archive.here import KINDS, entries_here, free_value, person_here, reserved_keys
from chat.archive.rows import from_json, read
from chat.archive.tables import BY_LABEL
from chat.models import Conversation, Experiment, Run, WorkspaceImport
from playground.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from django.db.models import Model

    from chat.archive.container import ArchivePart
    from chat.archive.table import Table

# The lease of runs that were live. Nothing ends them while their rows are still coming.
_LONG = timedelta(days=30)
_PAUSED = "Paused when the workspace was imported."


class ImportProgress(NamedTuple):
    """The parts that have been imported so far."""

    done: int
    total: int


def import_workspace(path: Path, passphrase: str, slug: str = "") -> Iterator[ImportProgress]:
    """Import an archive as a new workspace, and yield what is done. Call it again to go on after a failure.

    People are found by their addresses; those who have no account get one without a password. Answers that
    were being written end as interrupted, and running experiments are paused: nothing is sent from here.

    :param slug: the workspace's part of addresses; that of the archive, or a free one, if it is empty.
    :raises ArchiveError: the archive cannot be read or is of a newer version, the slug is taken, or the
        installation has the workspace already. What the failing part has is not stored.
    """
    reader = ArchiveReader(path, passphrase)
    state = _begin(reader.facts, slug)
    yield ImportProgress(state.part, reader.parts)
    importing = _Import(state, reader.facts)
    for part in reader.parts_from(state.part + 1):
        importing.take(part)
        yield ImportProgress(state.part, reader.parts)
    importing.finish()
    yield ImportProgress(reader.parts, reader.parts)


def _begin(facts: Mapping[str, Any], slug: str) -> WorkspaceImport:
    known = WorkspaceImport.objects.filter(archive=facts["archive"]).first()
    if known is not None:
        if known.finished_at:
            raise ArchiveError(f"The archive was imported already, as {known.slug}.")
        return known
    for label, columns in facts["columns"].items():
        table = BY_LABEL.get(label)
        if table is None or not set(columns) <= set(table.names):
            raise ArchiveError("The archive was made by a newer version of the product: update this one.")
    if Conversation.with_deleted.filter(code__in=facts["proofs"]).exists():
        raise ArchiveError("This installation has conversations of this workspace already.")
    if slug and Workspace.objects.filter(slug=slug).exists():
        raise ArchiveError(f"There is a workspace {slug} already: choose another slug.")
    begun = WorkspaceImport(
        archive=facts["archive"], slug=slug or free_value(Workspace, "slug", facts["slug"])
    )
    for label, (low, high) in facts["keys"].items():
        with transaction.atomic():
            begun.shifts[label] = reserved_keys(BY_LABEL[label].model, high - low + 1) - low
    begun.save()
    return begun


class _Import:
    def __init__(self, state: WorkspaceImport, facts: Mapping[str, Any]) -> None:
        self._state = state
        self._facts = facts
        # The keys here of people and entries of the catalogue that rows name.
        self._known: dict[type[Model], dict[int, int]] = {
            User: {number: person_here(*person) for number, *person in facts["people"]},
            **entries_here(facts["catalogue"]),
        }
        self._of_catalogue = {
            model: {number for kind, number, *_ in facts["catalogue"] if kind == name}
            for name, model in KINDS.items()
        }

    def take(self, part: ArchivePart) -> None:
        """Import a part, in one transaction with the note that it is done."""
        try:
            with transaction.atomic():
                number = int(part.head["part"])
                if not WorkspaceImport.objects.filter(pk=self._state.pk, part=number - 1).update(part=number):
                    raise ArchiveError("The archive is being imported by another process.")
                self._take(part)
                self._state.part = number
                self._state.save(update_fields=["workspace", "left_out", "renamed"])
        except IntegrityError as error:
            raise ArchiveError(
                f"The installation has something of this workspace already: {error}"
            ) from error

    def _take(self, part: ArchivePart) -> None:
        if part.head["kind"] == "file":
            _store(part.head["path"], part.content)
            return
        table = BY_LABEL[part.head["table"]]
        if part.head["kind"] == "references":
            self._refer(table, part.head["column"], read(part.content))
            return
        names = self._facts["columns"][table.label]
        rows = [made for row in read(part.content) if (made := self._made(table, names, row)) is not None]
        table.model._base_manager.bulk_create(rows)
        if table.model is Workspace:
            self._state.workspace_id = rows[0].pk

    def _made(self, table: Table, names: list[str], row: list[Any]) -> Any:
        """Return a row as it is to be here, or None if it has no place here."""
        number, *given = row
        values: dict[str, Any] = {"pk": number + self._state.shifts[table.label]}
        for name, value in zip(names, given, strict=True):
            if value is None or name not in table.references:
                values[name] = from_json(table.columns[name], value)
                continue
            values[name] = self._key_of(table.references[name], value)
            if values[name] is None and name in table.needed:
                self._state.left_out.setdefault(table.label, []).append(number)
                return None
        self._adapt(table, values)
        return table.model(**values)

    def _key_of(self, model: type[Model], number: int) -> int | None:
        """Return the key here of a row of the archive, or of what it names; None if there is none."""
        if model is User or number in self._of_catalogue.get(model, ()):
            return self._known[model].get(number)
        label = model._meta.label
        shift = self._state.shifts.get(label)
        if shift is None or number in self._state.left_out.get(label, ()):
            return None
        low, high = self._facts["keys"][label]
        return number + int(shift) if low <= number <= high else None

    def _adapt(self, table: Table, values: dict[str, Any]) -> None:
        """Change what is different here: names that are taken, and what would go on by itself."""
        if table.model is Workspace:
            values |= {"slug": self._state.slug, "low_keys": None}
        elif table.model is Provider:
            free = free_value(Provider, "code", values["code"])
            self._state.renamed[values["code"]] = free
            values["code"] = free
        elif values.get("provider_code") in self._state.renamed:
            values["provider_code"] = self._state.renamed[values["provider_code"]]
        if table.model is Conversation:
            # Rules of retention count from the import, as with all that is imported: nothing goes at once.
            values["kept_since"] = now()
        if table.model is Run and values["status"] in Run.LIVE:
            values |= {"status": Run.Status.RUNNING, "lease_owner": "archive", "background_id": ""}
            values["lease_expires_at"] = now() + _LONG
        if table.model is Experiment and values["state"] == Experiment.State.RUNNING:
            values |= {"state": Experiment.State.PAUSED, "pause": _PAUSED}

    def _refer(self, table: Table, column: str, rows: list[list[int]]) -> None:
        field = table.columns[column]
        shift = self._state.shifts[table.label]
        targets = {number + shift: self._key_of(table.references[column], target) for number, target in rows}
        found = list(table.model._base_manager.filter(pk__in=targets).only("pk"))
        for row in found:
            setattr(row, field.attname, targets[row.pk])
        table.model._base_manager.bulk_update(found, [field.name])

    @transaction.atomic
    def finish(self) -> None:
        workspace = self._state.workspace
        if workspace is None:
            raise ArchiveError("The workspace was deleted while it was imported.")
        # Answers that were being written end now, with the text that came.
        live = Run.objects.filter(workspace=workspace, status__in=Run.LIVE, lease_owner="archive")
        live.update(lease_expires_at=now() - timedelta(seconds=1))
        self._state.finished_at = now()
        self._state.save(update_fields=["finished_at"])
        audit.record(workspace, AuditAction.IMPORT_WORKSPACE, actor=None, subject=self._facts["made_at"])


def _store(path: str, content: bytes) -> None:
    """Store the bytes of a file under their name, unless they are there from an earlier try.

    :raises ArchiveError: the name is none that the product gives.
    """
    if not files.is_path(path):
        raise ArchiveError("The archive has a file under a name that the product does not give.")
    if not files.storage().exists(path):
        files.storage().save(path, ContentFile(content))
