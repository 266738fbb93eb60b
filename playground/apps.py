"""The entry of the app ``playground`` in Django's registry."""

from __future__ import annotations

from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    name = "playground"

    def ready(self) -> None:
        # Checks and dialects register themselves when they are imported.
        from django.conf import settings

        from playground import checks  # noqa: F401
        from playground.private_files import keep_private, sqlite_file
        from playground.upstream.dialects import registry  # noqa: F401

        # This comes before the first connection, which would make the database readable by others.
        keep_private((settings.DATA_DIR, settings.FILES_DIR), sqlite_file(settings.DATABASES["default"]))
