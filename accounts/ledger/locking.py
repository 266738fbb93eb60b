from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils.timezone import now

from accounts.ledger.windows import open_windows
from accounts.models import LimitWindow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.ledger.target import Target
    from accounts.models import User, Workspace


def lock_windows(workspace: Workspace, user: User, targets: Iterable[Target]) -> None:
    """Lock the windows of all limits of several runs, so that one transaction can hold one after the other.

    Each hold locks its own windows in the order of their limits, but the first hold may lock a later one
    than the second. A run that settles meanwhile would wait for one of them and keep the other. SQLite has
    one writer at a time and needs no lock.
    """
    if not connection.features.has_select_for_update:
        return
    at = now()
    windows = {each.window for target in targets for each in open_windows(workspace, user, target, at)}
    locked = LimitWindow.objects.select_for_update().filter(pk__in=windows)
    list(locked.order_by("limit_id", "pk").values_list("pk"))
