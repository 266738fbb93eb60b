from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import ngettext

from accounts.models import Hold, LedgerEntry, LimitWindow
from chat.flows.audit_books import audit_books


class Command(BaseCommand):
    help = "Compare limits, holds, ledger entries and runs. Fails when they disagree."

    def handle(self, *args: Any, **options: Any) -> None:
        disagreements = audit_books()
        for line in disagreements:
            self.stderr.write(line)
        if disagreements:
            count = len(disagreements)
            raise CommandError(
                ngettext("The ledger has %d disagreement.", "The ledger has %d disagreements.", count) % count
            )
        entries, holds, windows = (rows.objects.count() for rows in (LedgerEntry, Hold, LimitWindow))
        counts = (
            ngettext("%d ledger entry", "%d ledger entries", entries) % entries,
            ngettext("%d hold", "%d holds", holds) % holds,
            ngettext("%d window", "%d windows", windows) % windows,
        )
        self.stdout.write(f"The ledger is consistent: {', '.join(counts)}, 0 disagreements.")
