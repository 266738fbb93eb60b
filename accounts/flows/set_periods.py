from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from accounts.time_zones import WEEKDAYS

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def set_periods(workspace: Workspace, time_zone: str, week_starts_on: int, *, actor: User) -> None:
    """Let the days and weeks of limits begin elsewhere. The current ones are counted again from their start.

    :param time_zone: an IANA name, such as "Europe/Berlin".
    :param week_starts_on: 0 for Monday.
    """
    # The lock keeps a hold taken at the same moment from opening the windows of two different days.
    workspace.lock()
    before = {"time zone": workspace.time_zone, "first weekday": WEEKDAYS[workspace.week_starts_on]}
    workspace.time_zone, workspace.week_starts_on = time_zone, week_starts_on
    workspace.save(update_fields=["time_zone", "week_starts_on"])
    after = {"time zone": time_zone, "first weekday": WEEKDAYS[week_starts_on]}
    audit.record(workspace, AuditAction.SET_PERIODS, actor=actor, before=before, after=after)
