from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Membership, Notice
from accounts.notices import mark_read

if TYPE_CHECKING:
    from django.db.models import QuerySet

_KEPT = timedelta(days=90)


def read_notice(notice: Notice) -> None:
    """Mark a notice as read. Reading it again changes nothing."""
    _read(notice.recipient_id, Notice.objects.filter(pk=notice.pk))


def read_all_notices(member: Membership, newest: int) -> None:
    """Mark all notices of a member as read that are no newer than the one with the key ``newest``."""
    _read(member.pk, Notice.objects.filter(pk__lte=newest))


@transaction.atomic
def _read(member: int, notices: QuerySet[Notice]) -> None:
    mark_read(Membership.objects.filter(pk=member), notices)


def purge_notices() -> None:
    """Delete notices that were read a while ago."""
    Notice.objects.filter(read_at__lt=now() - _KEPT).delete()
