from __future__ import annotations

from datetime import timedelta

from django.utils.timezone import now

from accounts.models import AuditEvent, Workspace

# Rows per statement. A long deletion would keep every other writer of SQLite waiting.
_BATCH = 5000


def purge_audit_events() -> None:
    """Delete the events that have outlived the retention of their workspace."""
    for workspace, days in Workspace.objects.exclude(audit_days=None).values_list("pk", "audit_days"):
        old = AuditEvent.objects.filter(workspace=workspace, at__lt=now() - timedelta(days=days or 0))
        while keys := list(old.order_by("at", "pk").values_list("pk", flat=True)[:_BATCH]):
            AuditEvent.objects.filter(pk__in=keys).delete()
