"""Reminders of keys whose last day is near: a new secret has to be made at the provider before that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import ApiKey, Membership, NoticeKind
from accounts.notices import tell
from accounts.permissions import ROLES, Action

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

# Days before the last one on which people are told, and the day after it.
REMIND_AT = (14, 2, -1)


def remind_of_keys() -> None:
    """Tell admins, or the owner of a personal key, of last days that are near or over; of each once."""
    today = localdate()
    near = ApiKey.objects.filter(is_enabled=True, expires_on__lte=today + timedelta(days=REMIND_AT[0]))
    for key in near.filter(reminders__lt=len(REMIND_AT)).select_related("workspace"):
        last: Any = key.expires_on
        due = sum((last - today).days <= days for days in REMIND_AT)
        if due > key.reminders:
            _remind(key, last, due)


@transaction.atomic
def _remind(key: ApiKey, last: date, due: int) -> None:
    # Another process may remind at the same moment.
    same = ApiKey.objects.filter(pk=key.pk, reminders=key.reminders, expires_on=last)
    if not same.update(reminders=due):
        return
    day = f"{last.day} {last:%B %Y}"
    whose = "Your key" if key.member_id else "The key"
    if due == len(REMIND_AT):
        text = f"{whose} “{key.name}” has expired on {day} and is no longer used. Replace it."
    else:
        text = f"{whose} “{key.name}” expires on {day}. Make a new one at the provider, and replace it here."
    link = reverse("playground:key", args=[key.workspace.slug, key.code])
    tell(_whom(key), NoticeKind.KEY_EXPIRES, text, link, "See the key", about=f"key {key.code}")


def _whom(key: ApiKey) -> QuerySet[Membership]:
    members = Membership.objects.filter(workspace=key.workspace_id)
    if key.member_id:
        return members.filter(user=key.member_id)
    return members.filter(role__in=ROLES[Action.MANAGE_KEYS])
