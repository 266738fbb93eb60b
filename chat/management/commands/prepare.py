from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from playground.flows.offer_environment_keys import offer_environment_keys
from playground.private_files import keep_contents_private


class Command(BaseCommand):
    help = "Make this installation ready to serve: tables, catalogue, first workspace, static files."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every step that a start depends on; each one does nothing where nothing is left to do."""
        if _has_pending_migrations():
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False)
        call_command("load_catalogue", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        # Earlier versions left files that other users of the machine can read.
        for folder in {settings.DATA_DIR, settings.FILES_DIR}:
            keep_contents_private(folder, spared=settings.STATIC_ROOT)
        # This comes last, so that the output ends with the address and the first sign-in.
        call_command("bootstrap", stdout=self.stdout)
        for sentence in offer_environment_keys():
            self.stderr.write(sentence)


def _has_pending_migrations() -> bool:
    # `migrate` also checks every content type and permission, which takes longer than all other steps.
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
