from __future__ import annotations

from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    name = "playground"

    def ready(self) -> None:
        # Checks register themselves when they are imported.
        from playground import checks  # noqa: F401
