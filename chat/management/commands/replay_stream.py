from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Exchange
from playground.upstream.dialects.registry import endpoint_kinds
from playground.upstream.recording.replaying import in_json, replay, replay_kept

_encoder = msgspec.json.Encoder(decimal_format="number")


class Command(BaseCommand):
    help = (
        "Read a recorded answer of a provider, a stream or JSON, as a run does, and print the result as "
        "one JSON object. The answer is a file, or the stored one of a run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="the body of the answer, exactly as it was received"
        )
        parser.add_argument(
            "--endpoint",
            choices=sorted(endpoint_kinds()),
            help="the endpoint that the file's request was sent to",
        )
        parser.add_argument(
            "--status", type=_status, help="the HTTP status of the file's answer (default: 200)"
        )
        parser.add_argument("--run", type=UUID, metavar="CODE", help="replay the stored answer of this run")
        parser.add_argument(
            "--try",
            type=int,
            metavar="NUMBER",
            dest="number",
            help="the number of the run's try (default: the last)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_file, is_run = options["file"] is not None, options["run"] is not None
        if is_file == is_run:
            raise CommandError("Name a file or, with --run, a run.")
        found = self._of_run(options) if is_run else _of_file(options)
        self.stdout.write(_encoder.encode(found).decode())

    def _of_run(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["endpoint"] or options["status"]:
            raise CommandError("--endpoint and --status are only for a file: a run has its own.")
        exchanges = Exchange.objects.select_related("run").filter(run__code=options["run"]).order_by("number")
        if options["number"] is not None:
            exchanges = exchanges.filter(number=options["number"])
        exchange = exchanges.last()
        if exchange is None:
            raise CommandError(
                "No raw answer is stored for this. RAW_RETENTION_DAYS sets how long they are kept."
            )
        if exchange.dropped:
            self.stderr.write(
                f"{exchange.dropped:,} bytes in the middle were not stored: RAW_STREAM_MAX_MB sets the limit."
            )
        return in_json(replay_kept(exchange.kept))


def _of_file(options: dict[str, Any]) -> dict[str, Any]:
    path: Path = options["file"]
    if options["endpoint"] is None:
        raise CommandError("Name the request's endpoint with --endpoint.")
    if options["number"] is not None:
        raise CommandError("--try needs --run: only a run has tries.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    return replay(data, options["endpoint"], options["status"] or 200)


def _status(text: str) -> int:
    if text.isascii() and text.isdigit() and 100 <= int(text[:9]) < 600:
        return int(text)
    raise argparse.ArgumentTypeError("a status is a number from 100 to 599")
