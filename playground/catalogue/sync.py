"""The sync of a provider's models: its list, then each model's document, then the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playground.catalogue.documents import DocumentRefused
from playground.catalogue.model_list import ListedModel, ModelListRefused, read_model_list
from playground.catalogue.openapi_reader import DocumentedRequest, read_for_model
from playground.catalogue.sync_report import SyncReport
from playground.catalogue.sync_rows import DocumentedModel, SyncedRows, forget_refused
from playground.exceptions import PlaygroundError
from playground.models import Provider
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.model_lists import ModelListReader

# The number of models whose documents are in memory at once. Progress is reported after each chunk.
CHUNK = 16

Progress = Callable[[int, int], None]


class SyncFailed(PlaygroundError):
    """The sync failed; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a sync. ``report`` is None if the list has not changed since the ETag."""

    report: SyncReport | None
    etag: str = ""


def synchronise(
    provider: Provider,
    reader: ModelListReader,
    *,
    etag: str = "",
    dry_run: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> Outcome:
    """Bring the catalogue in line with the provider. Models synced before a failure stay.

    :raises SyncFailed: with the reason as a sentence.
    """
    has_documents = provider.kind == Provider.Type.AIMLAPI
    try:
        found = reader.models(etag, has_more=has_documents)
        if found is None:
            if not dry_run:
                forget_refused(provider)
            return Outcome(None)
        model_list = read_model_list(found.found)
    except UpstreamError as error:
        raise SyncFailed(error.message) from error
    except ModelListRefused as refusal:
        raise SyncFailed(str(refusal)) from refusal
    listed = model_list.models if provider.workspace_id is None else model_list.all
    rows = SyncedRows(provider, listed, dry_run=dry_run)
    rows.report.models = total = len(listed)
    rows.report.refused = [(refusal.model, refusal.reason) for refusal in model_list.refused]
    on_progress(0, total)
    for start in range(0, total, CHUNK):
        chunk = listed[start : start + CHUNK]
        rows.take(
            _read(chunk, reader, provider.base_url)
            if has_documents
            else [DocumentedModel(each) for each in chunk]
        )
        on_progress(min(start + CHUNK, total), total)
    rows.retire_missing()
    return Outcome(rows.report, found.etag)


def _read(chunk: list[ListedModel], reader: ModelListReader, base_url: str) -> Iterator[DocumentedModel]:
    urls = list(dict.fromkeys(url for listed in chunk for url in listed.documents.values() if url))
    contents = dict(zip(urls, reader.documents(urls), strict=True))
    _check_reached(list(contents.values()))
    for listed in chunk:
        requests: dict[str, tuple[DocumentedRequest, str]] = {}
        refused = []
        for kind, url in listed.documents.items():
            content = contents.get(url)
            try:
                found = _requests(content, listed, base_url)
            except DocumentRefused as refusal:
                refused.append(f"{kind}: {refusal}")
                continue
            for request in found:
                # The document for a kind has priority over other documents that describe it too.
                if request.kind == kind or request.kind not in requests:
                    requests[request.kind] = request, url
        yield DocumentedModel(listed, tuple(requests.values()), tuple(refused))


def _requests(
    content: bytes | UpstreamError | None, listed: ListedModel, base_url: str
) -> tuple[DocumentedRequest, ...]:
    if content is None:
        raise DocumentRefused("the list names no document for this model")
    if isinstance(content, UpstreamError):
        raise DocumentRefused(f"its document could not be read: {content.message}")
    found = read_for_model(content, listed.ids, base_url)
    if not found.requests:
        raise DocumentRefused("its document does not describe the request")
    return found.requests


def _check_reached(contents: list[bytes | UpstreamError]) -> None:
    """Raise SyncFailed if no document of a whole chunk can be reached: then the provider is down."""
    errors = [content for content in contents if isinstance(content, UpstreamError)]
    down = [error for error in errors if error.kind is not FailureKind.REFUSED_ADDRESS]
    if len(down) == CHUNK and len(contents) == CHUNK:
        raise SyncFailed(f"The provider's documents could not be fetched: {down[0].message}")
