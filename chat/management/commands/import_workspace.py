from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import BaseCommand, CommandError

from chat.archive.container import ArchiveError
from chat.flows.import_workspace import import_workspace
from chat.management.passphrase import add_passphrase, asked_passphrase
from chat.models import WorkspaceImport

if TYPE_CHECKING:
    from django.core.management import CommandParser


class Command(BaseCommand):
    help = (
        "Import the archive of a workspace as a new workspace. After a failure or an end in the middle, the "
        "same command goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument(
            "--slug", default="", help="the workspace's part of its addresses; else the archive's"
        )
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shown = 0
        try:
            passphrase = asked_passphrase(options)
            for progress in import_workspace(options["file"], passphrase, options["slug"]):
                percent = 100 * progress.done // progress.total
                if percent >= shown + 10 or progress.done == progress.total:
                    shown = percent
                    self.stdout.write(f"{percent} %: part {progress.done:,} of {progress.total:,}")
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        done = WorkspaceImport.objects.select_related("workspace").latest("finished_at")
        for label, numbers in done.left_out.items():
            self.stdout.write(
                f"{label}: {len(numbers):,} left out, since the catalogue here lacks their models"
            )
        self.stdout.write(f"The workspace {done.slug} is here. Keys have to be added again.")
