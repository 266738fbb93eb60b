from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from accounts import ledger
from accounts.models import Hold, LedgerEntry, LimitWindow


class Command(BaseCommand):
    help = "Compare limits, holds and ledger entries. Fails when they disagree."

    def handle(self, *args: Any, **options: Any) -> None:
        disagreements = ledger.audit()
        for line in disagreements:
            self.stderr.write(line)
        if disagreements:
            raise CommandError(f"The books disagree: {_counted(len(disagreements), 'disagreement')}.")
        self.stdout.write(
            f"The books agree: {_counted(LedgerEntry.objects.count(), 'ledger entry', 'ledger entries')}, "
            f"{_counted(Hold.objects.count(), 'hold')}, {_counted(LimitWindow.objects.count(), 'window')}, "
            "0 disagreements."
        )


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
