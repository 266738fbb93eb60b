from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from playground import clients
from playground.catalogue.import_openapi import (
    UNUSABLE,
    Imported,
    ImportReport,
    import_document,
    import_documents,
)
from playground.catalogue.load_bundled import provider_for
from playground.models import Provider
from playground.parameters.schema.spec import Kind
from playground.upstream.errors.exceptions import UpstreamError

_COLUMNS = "{:<32} {:>9} {:>8} {:>6} {:>8}  {}"


class Command(BaseCommand):
    help = "Import OpenAPI documents (JSON or YAML: files, folders, addresses) into the catalogue of models."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder or an http(s) address")
        parser.add_argument("--provider", default="aimlapi", help="whose models these are (default: aimlapi)")
        parser.add_argument("--dry-run", action="store_true", help="read and count, write nothing")
        parser.add_argument(
            "--report",
            action="store_true",
            help="one line for every document, not only bad ones, and one for every parameter",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        provider = _provider(options["provider"], dry_run=options["dry_run"])
        report = _imported(options["paths"], provider, dry_run=options["dry_run"])
        for document in report.documents:
            if document.refusal:
                self.stdout.write(f"{document.name}: refused, {document.refusal}")
            elif options["report"]:
                self.stdout.write(_line(document))
            for left_out in document.left_out:
                self.stdout.write(f"{document.name}: {left_out.path} was left out, {left_out.reason}")
        if options["report"]:
            for line in _table(report):
                self.stdout.write(line)
        self.stdout.write(report.summary)


def _provider(code: str, *, dry_run: bool) -> Provider:
    try:
        provider = provider_for(code, save=not dry_run)
    except DatabaseError as error:
        # A dry run also works before the database has tables.
        if not dry_run:
            raise CommandError("The database has no tables yet; run: manage.py prepare") from error
        provider = Provider(code=code)
    if provider is None:
        raise CommandError(f"There is no provider “{code}”.")
    return provider


def _imported(places: list[str], provider: Provider, *, dry_run: bool) -> ImportReport:
    addresses = [place for place in places if place.lower().startswith(("https://", "http://"))]
    paths = [Path(place) for place in places if place not in addresses]
    report = import_documents(paths, provider, dry_run=dry_run)
    for address in addresses:
        try:
            content = clients.fetch_document(address)
        except UpstreamError as error:
            report.documents.append(Imported(address, refusal=f"could not be read: {error.message}"))
        else:
            report.documents.append(import_document(address, content, provider, dry_run=dry_run))
    return report


def _line(document: Imported) -> str:
    parts = [f"{document.name}: {', '.join(document.models)}", f"parameters {document.parameters}"]
    if document.editors:
        parts.append(f"as JSON {', '.join(document.editors)}")
    if document.unusable:
        parts.append(f"unusable {', '.join(document.unusable)}")
    return "; ".join(parts)


def _table(report: ImportReport) -> Iterator[str]:
    """Yield a row per parameter: its number of endpoints, and the controls that edit it."""
    yield _COLUMNS.format("parameter", "endpoints", "controls", "json", "unusable", "as")
    for name, made in report.by_parameter().items():
        json, unusable = made[Kind.JSON], made[UNUSABLE]
        kinds = ", ".join(f"{kind} {count}" for kind, count in made.most_common())
        yield _COLUMNS.format(name, made.total(), made.total() - json - unusable, json, unusable, kinds)
