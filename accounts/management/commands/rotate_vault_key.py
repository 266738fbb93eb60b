from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import keys
from accounts.exceptions import KeyRingError
from accounts.flows.rotate_vault_key import rotate_vault_key, secrets_by_key


class Command(BaseCommand):
    help = (
        "Seal all stored secrets with the first key of VAULT_KEYS, and count what is left under other keys. "
        "It may be stopped at any time and started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count, and fail if anything is left")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ring = keys.vault()
        except KeyRingError as error:
            raise CommandError(f"VAULT_KEYS cannot be used. {error}") from error
        if not options["check"]:
            self._rotate()
        found = secrets_by_key()
        current = ring.current_key_id
        for key_id in [*ring.key_ids, *sorted(found.keys() - set(ring.key_ids))]:
            self.stdout.write(f"Under key {key_id or 'none (no token)'}: {found[key_id]:,}")
        left = found.total() - found[current]
        if left:
            raise CommandError(f"{left:,} secrets are not under key {current}. Keep the other keys.")
        others = [key_id for key_id in ring.key_ids if key_id != current]
        if others:
            self.stdout.write(f"VAULT_KEYS no longer needs {', '.join(others)}. Backups from before do.")

    def _rotate(self) -> None:
        for progress in rotate_vault_key():
            self.stdout.write(f"{progress.column.label}: {progress.done:,} of {progress.total:,}")
            for number in progress.unreadable:
                self.stderr.write(
                    f"{progress.column.label}: row {number} cannot be decrypted with VAULT_KEYS."
                )
