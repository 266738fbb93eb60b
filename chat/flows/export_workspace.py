"""Archive a whole workspace under a passphrase, as one view of the database."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, Membership, User
from chat import files
from chat.archive.container import ArchiveWriter
from chat.archive.rows import written
from chat.archive.tables import CATALOGUE, PLACES, TABLES, is_written_late
from chat.models import Conversation, StoredFile
from playground.models import Endpoint, Provider, UpstreamModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from accounts.models import Workspace
    from chat.archive.table import Table

# The rows of a part. A part is imported in one transaction, and held in memory whole.
_ROWS = 500
_BYTES = 4_000_000
# The conversations by which an installation tells that it has the workspace already.
_PROOFS = 50


class ArchiveProgress(NamedTuple):
    """The number of rows that have been written of a table, or of files."""

    label: str
    done: int


def export_workspace(workspace: Workspace, file: IO[bytes], passphrase: str) -> Iterator[ArchiveProgress]:
    """Write the archive of a workspace to an open file, and yield what is done.

    All rows are those of one moment. Stored keys are never in it, nor what
    :data:`chat.archive.left_out.LEFT_OUT` names. Needs a connection without a transaction.

    :raises ArchiveError: the passphrase is too short.
    """
    writer = ArchiveWriter(file, passphrase, str(uuid.uuid4()))
    with _one_moment():
        yield from _Export(workspace, writer).write()
    with transaction.atomic():
        audit.record(workspace, AuditAction.EXPORT_WORKSPACE, actor=None)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read all rows as they are at one moment, and keep nobody from writing."""
    kept: Any = connection
    if connection.vendor == "sqlite":
        mode, kept.transaction_mode = kept.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            kept.transaction_mode = mode
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class _Export:
    def __init__(self, workspace: Workspace, writer: ArchiveWriter) -> None:
        self._workspace = workspace
        self._writer = writer
        # The keys of the rows that are in the archive, by table.
        self._taken: dict[type[Model], set[int]] = {table.model: set() for table in TABLES}
        self._named: dict[type[Model], set[int]] = {model: set() for model in (User, *CATALOGUE)}
        self._counts: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def write(self) -> Iterator[ArchiveProgress]:
        for table in TABLES:
            self._write_table(table)
            yield ArchiveProgress(table.label, self._counts[table.label])
        for table in TABLES:
            for attname in table.references:
                if is_written_late(table, attname):
                    self._write_late(table, attname)
        yield ArchiveProgress("files", self._write_files())
        codes = Conversation.objects.filter(pk__in=self._some(Conversation)).values_list("code", flat=True)
        self._writer.end(
            name=self._workspace.name,
            slug=self._workspace.slug,
            made_at=now().isoformat(),
            counts=self._counts,
            left_out=self._left_out,
            keys={
                table.label: [min(taken), max(taken)]
                for table in TABLES
                if (taken := self._taken[table.model])
            },
            columns={table.label: table.names for table in TABLES},
            people=list(self._people()),
            catalogue=list(self._catalogue()),
            proofs=[str(code) for code in codes],
        )

    def _some(self, model: type[Model]) -> list[int]:
        return sorted(self._taken[model])[:_PROOFS]

    def _write_table(self, table: Table) -> None:
        rows = table.model._base_manager.filter(table.only, **{table.path: self._workspace.pk})
        part: list[list[Any]] = []
        size = 0
        for row in rows.order_by("pk").values_list("pk", *table.names).iterator(chunk_size=_ROWS):
            values = list(row)
            if not self._refer(table, values):
                self._left_out[table.label] += 1
                continue
            self._taken[table.model].add(values[0])
            self._counts[table.label] += 1
            part.append(values)
            size += sum(len(value) for value in values if isinstance(value, str | bytes | memoryview))
            if len(part) == _ROWS or size > _BYTES:
                self._writer.add("rows", written(part), table=table.label)
                part, size = [], 0
        if part:
            self._writer.add("rows", written(part), table=table.label)

    def _refer(self, table: Table, values: list[Any]) -> bool:
        """Empty the references to what is not there (yet); return False if the row is nothing without one."""
        for place, field in enumerate(table.fields, 1):
            target = table.references.get(field.attname)
            if target is None or values[place] is None:
                continue
            number: int = values[place]
            if target in PLACES and number in self._taken[target]:
                continue
            if target in self._named:
                self._named[target].add(number)
                continue
            if field.attname in table.needed:
                return False
            values[place] = None
        return True

    def _write_late(self, table: Table, attname: str) -> None:
        """Write the references to rows that come after their own."""
        taken, targets = self._taken[table.model], self._taken[table.references[attname]]
        rows = table.model._base_manager.filter(**{table.path: self._workspace.pk})
        found = rows.filter(**{f"{attname}__isnull": False}).order_by("pk").values_list("pk", attname)
        late = [
            [number, target]
            for number, target in found.iterator(chunk_size=_ROWS)
            if number in taken
            and target in targets
            and (table.references[attname] is not table.model or target > number)
        ]
        for start in range(0, len(late), _ROWS):
            rows_of_part = written(late[start : start + _ROWS])
            self._writer.add("references", rows_of_part, table=table.label, column=attname)

    def _write_files(self) -> int:
        """Write the bytes of all files; those that several messages share once."""
        written_files = 0
        known: set[str] = set()
        found = StoredFile.objects.filter(workspace=self._workspace).order_by("pk")
        for file in found.iterator(chunk_size=_ROWS):
            if file.pk not in self._taken[StoredFile]:
                continue
            for path in {file.path, file.original_path} - known:
                known.add(path)
                if not files.storage().exists(path):
                    continue
                with files.storage().open(path) as content:
                    self._writer.add("file", content.read(), path=path)
                written_files += 1
        self._counts["files"] = written_files
        return written_files

    def _people(self) -> Iterator[list[Any]]:
        """Yield the key, address and name of everybody who is named, and whether they are a member."""
        members = set(Membership.objects.filter(workspace=self._workspace).values_list("user", flat=True))
        numbers = sorted(self._named[User])
        for start in range(0, len(numbers), _ROWS):
            for user in User.objects.filter(pk__in=numbers[start : start + _ROWS]).order_by("pk"):
                yield [user.pk, user.email, user.name, user.pk in members]

    def _catalogue(self) -> Iterator[list[Any]]:
        """Yield the entries of the installation's catalogue that rows name, as another one knows them."""
        for number, code in Provider.objects.filter(pk__in=self._named[Provider]).values_list("pk", "code"):
            yield ["provider", number, code, "", ""]
        models = UpstreamModel.objects.filter(pk__in=self._named[UpstreamModel])
        for number, code, model_id in models.values_list("pk", "provider__code", "model_id"):
            yield ["model", number, code, model_id, ""]
        endpoints = Endpoint.objects.filter(pk__in=self._named[Endpoint])
        for row in endpoints.values_list("pk", "model__provider__code", "model__model_id", "kind"):
            yield ["endpoint", *row]
