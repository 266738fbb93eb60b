from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.catalogue.load_bundled import load_bundled


class Command(BaseCommand):
    help = "Bring the bundled models, those of the demo included, up to date."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        loaded = load_bundled()
        if verbosity:
            self.stdout.write(f"models {loaded.models}, changed {loaded.changed}")
