"""OpenAPI documents imported into the catalogue, with a report on each document and parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from accounts.names import one_line
from playground.catalogue.developers import developer_of
from playground.catalogue.document_models import spelling
from playground.catalogue.documents import MAX_BYTES, DocumentRefused
from playground.catalogue.openapi_reader import DocumentedRequest, LeftOut, read_document
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Provider, UpstreamModel
from playground.parameters.schema.reader import read_parameters
from playground.parameters.schema.spec import Kind, ParameterSpec

_SUFFIXES = frozenset({".json", ".yaml", ".yml"})
# The mark of a parameter for which no value is valid. It stands in place of the kind of control.
UNUSABLE = "unusable"


@dataclass(slots=True)
class Imported:
    """The result of a document: the models that it names, or the reason why it was refused."""

    name: str
    models: list[str] = field(default_factory=list)
    refusal: str = ""
    # Name and kind of control of each parameter of each endpoint.
    made: list[tuple[str, str]] = field(default_factory=list)
    changed: int = 0
    left_out: tuple[LeftOut, ...] = ()

    @property
    def parameters(self) -> int:
        return len(self.made)

    @property
    def editors(self) -> list[str]:
        return [name for name, control in self.made if control == Kind.JSON]

    @property
    def unusable(self) -> list[str]:
        return [name for name, control in self.made if control == UNUSABLE]

    @property
    def controls(self) -> int:
        return self.parameters - len(self.editors) - len(self.unusable)


@dataclass(slots=True)
class ImportReport:
    documents: list[Imported] = field(default_factory=list)

    def by_parameter(self) -> dict[str, Counter[str]]:
        """Count, for each parameter, the endpoints by kind of control; the most frequent come first."""
        made = [pair for document in self.documents if not document.refusal for pair in document.made]
        frequency = Counter(name for name, _ in made)
        table: dict[str, Counter[str]] = {name: Counter() for name, _ in frequency.most_common()}
        for name, control in made:
            table[name][control] += 1
        return table

    @property
    def summary(self) -> str:
        """A line of counts in a fixed format for scripts.

        ``parameters`` counts those of all endpoints: ``controls`` have a control of their own, ``json`` are
        edited as JSON, ``unusable`` have neither.
        """
        good = [document for document in self.documents if not document.refusal]
        return (
            f"documents {len(self.documents)}, imported {len(good)}, "
            f"parameters {sum(document.parameters for document in good)}, "
            f"controls {sum(document.controls for document in good)}, "
            f"json {sum(len(document.editors) for document in good)}, "
            f"unusable {sum(len(document.unusable) for document in good)}"
        )


def import_documents(paths: Iterable[Path], provider: Provider, *, dry_run: bool = False) -> ImportReport:
    """Import files, and folders of files. A document that is refused does not stop the others."""
    report = ImportReport()
    for path in _files(paths):
        try:
            content = _content(path)
        except DocumentRefused as refusal:
            report.documents.append(Imported(path.name, refusal=str(refusal)))
            continue
        report.documents.append(import_document(path.name, content, provider, dry_run=dry_run))
    return report


def import_document(name: str, content: bytes, provider: Provider, *, dry_run: bool = False) -> Imported:
    imported = Imported(name)
    try:
        found = read_document(content, provider.base_url)
    except DocumentRefused as refusal:
        imported.refusal = str(refusal)
        return imported
    imported.left_out = found.left_out
    for request in found.requests:
        _count(imported, request)
    if not dry_run:
        with transaction.atomic():
            for request in found.requests:
                imported.changed += _store(request, provider, source=name)
    return imported


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentRefused(f"too large: over {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise DocumentRefused(f"cannot be read: {error.strerror}") from error


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = (entry for entry in path.rglob("*") if entry.suffix.lower() in _SUFFIXES)
            yield from sorted(entry for entry in found if entry.is_file())
        else:
            yield path


def _count(imported: Imported, request: DocumentedRequest) -> None:
    imported.models += [name for name in request.model_ids if name not in imported.models]
    for spec in read_parameters(request.schema):
        is_editable = spec.kind is Kind.JSON or is_usable(spec)
        imported.made.append((spec.name, str(spec.kind) if is_editable else UNUSABLE))


def is_usable(spec: ParameterSpec) -> bool:
    """Tell whether its controls can produce a value at all."""
    if spec.kind is Kind.CHOICE:
        return bool(spec.options)
    if spec.kind is Kind.ALTERNATIVES:
        return any(branch.spec is None or is_usable(branch.spec) for branch in spec.branches)
    if spec.kind in (Kind.ARRAY, Kind.TAGS, Kind.CHECKS, Kind.MAP):
        return spec.item is not None and is_usable(spec.item)
    return all(is_usable(child) for child in spec.children if child.is_required)


def _store(request: DocumentedRequest, provider: Provider, *, source: str) -> int:
    changed = 0
    for model_id, aliases in grouped(request.model_ids):
        model, is_new = UpstreamModel.objects.get_or_create(
            provider=provider,
            model_id=model_id,
            defaults={"name": name_of(model_id), "developer": developer_of(model_id), "aliases": aliases},
        )
        changed += store_endpoint(model, request.kind, request.schema, source=source)
        more = [alias for alias in aliases if alias not in model.aliases]
        if more and not is_new:
            model.aliases = [*model.aliases, *more]
            model.save(update_fields=["aliases"])
    return changed


def grouped(model_ids: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Group ids that differ only in vendor prefix and punctuation: they are spellings of one model.

    >>> grouped(["anthropic/claude-opus-4.1", "claude-opus-4-1", "claude-opus-4-1-20250805"])
    [('anthropic/claude-opus-4.1', ['claude-opus-4-1']), ('claude-opus-4-1-20250805', [])]
    """
    groups: dict[str, list[str]] = {}
    for model_id in model_ids:
        groups.setdefault(spelling(model_id), []).append(model_id)
    return [(ids[0], ids[1:]) for ids in groups.values()]


def name_of(model_id: str) -> str:
    """Return a display name for an id.

    >>> name_of("alibaba/qwen3.6-35b-a3b")
    'qwen3.6-35b-a3b'
    """
    return one_line(model_id.rsplit("/", 1)[-1])[:120]
