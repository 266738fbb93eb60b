from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import now

from accounts import money
from accounts.access import get_limit_of
from accounts.exceptions import RaiseRefused
from accounts.models import NoticeKind, RaiseRequest, RequestState
from accounts.notices import admins_of, tell

if TYPE_CHECKING:
    from accounts.models import Limit, Membership

# Admins are told again of a request that is older than this, if the member asks again.
ASK_AGAIN_AFTER = timedelta(hours=12)
MOST_PER_DAY = 10


@transaction.atomic
def ask_for_raise(limit: Limit, member: Membership, needed: int, note: str) -> RaiseRequest:
    """Ask the admins for more of a limit, and tell them. The same request again returns the open one.

    :raises RaiseRefused: the member has asked too often today.
    :raises Http404: the limit was deleted in the meantime.
    """
    # The lock admits one request at a time, so none is made twice.
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    moment = now()
    asked = RaiseRequest.objects.filter(limit=limit, member=member, state=RequestState.OPEN).first()
    if asked is not None and asked.asked_at > moment - ASK_AGAIN_AFTER:
        return asked
    recent = RaiseRequest.objects.filter(member=member, asked_at__gt=moment - timedelta(days=1))
    if recent.count() >= MOST_PER_DAY:
        raise RaiseRefused("You have asked often enough today. Talk to an admin.")
    if asked is None:
        asked = RaiseRequest(limit=limit, member=member)
    asked.needed, asked.note, asked.asked_at = needed, note, moment
    asked.save()
    _tell_admins(asked, limit)
    return asked


def _tell_admins(asked: RaiseRequest, limit: Limit) -> None:
    name, needed = asked.member.user.display_name, money.in_words(asked.needed, limit.unit)
    text = f"{name} asks for more of the limit of {limit.label}. A prompt needed up to {needed}."
    if asked.note:
        text += f" “{asked.note}”"
    link = reverse("accounts:limits", args=[limit.workspace.slug])
    tell(
        admins_of(limit.workspace),
        NoticeKind.RAISE_ASKED,
        text,
        f"{link}#request-{asked.code}",
        "Answer",
        about=f"request {asked.code}",
    )
