"""The entry of the app ``playground`` in Django's registry."""

from __future__ import annotations

from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    name = "playground"

    def ready(self) -> None:
        # Checks and dialects register themselves when they are imported.
        from playground import checks  # noqa: F401
        from playground.upstream.dialects import registry  # noqa: F401
