from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import BaseCommand, CommandError

from accounts.models import Workspace
from chat.archive.container import ArchiveError
from chat.flows.export_workspace import export_workspace
from chat.management.passphrase import add_passphrase, asked_passphrase

if TYPE_CHECKING:
    from django.core.management import CommandParser


class Command(BaseCommand):
    help = (
        "Write a whole workspace to one file that only a passphrase opens: people, conversations, files, "
        "prompts, tools, test tables, limits and books. Stored keys are never in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the workspace's part of its addresses")
        parser.add_argument("file", type=Path, help="the file to write, which must not exist")
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["slug"]).first()
        if workspace is None:
            known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no workspace {options['slug']}. There are: {known}.")
        path: Path = options["file"]
        if path.exists():
            raise CommandError(f"{path} exists already.")
        # The archive gets its name once it is whole.
        draft = path.with_name(f"{path.name}.part")
        try:
            passphrase = asked_passphrase(options, twice=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                for progress in export_workspace(workspace, file, passphrase):
                    if progress.done:
                        self.stdout.write(f"{progress.label}: {progress.done:,}")
            draft.rename(path)
        except (ArchiveError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"Written: {path} ({path.stat().st_size:,} bytes)")
