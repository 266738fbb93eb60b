"""Thresholds of limits: whoever a limit concerns is told when so many percent of it are used.

The use decides, and not what running runs hold. People are told once in a period for each threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import now

from accounts.fullness import percent
from accounts.ledger.windows import raised_for
from accounts.models import LimitWindow, Membership, Notice, NoticeKind, Period
from accounts.notices import admins_of, tell
from accounts.time_zones import in_words, zone_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from accounts.models import Limit

# A limit of a minute may be used up every minute. People are told of it once in this time.
_SHORT_PERIODS = frozenset({Period.MINUTE, Period.HOUR})
_QUIET_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """The use of a window, and the percents of its limit at which people are told."""

    used: int
    allowed: int
    thresholds: Sequence[int]
    # The highest percent that people were told of.
    notified: int

    @property
    def crossed(self) -> int:
        """The highest threshold that is reached and was not announced; 0 if there is none.

        >>> Progress(80, 100, [80, 100], 0).crossed, Progress(130, 100, [80, 100], 80).crossed
        (80, 100)
        >>> Progress(79, 100, [80, 100], 0).crossed, Progress(99, 100, [80, 100], 80).crossed
        (0, 0)
        >>> Progress(5, 0, [80], 0).crossed
        0
        """
        if not self.allowed:
            return 0
        numbers = (each for each in self.thresholds if isinstance(each, int) and each > self.notified)
        return max((each for each in numbers if self.used * 100 >= each * self.allowed), default=0)


def announce(windows: Collection[int]) -> None:
    """Tell people about the thresholds that these windows have crossed, within the caller's transaction.

    The caller has changed the windows, which locks them, so no two callers announce the same threshold.
    """
    of_raises = Q(member=None) | Q(member=OuterRef("member")) | Q(member=OuterRef("limit__member"))
    raised = raised_for(now(), of_raises, "limit")
    found: Any = LimitWindow.objects.filter(pk__in=windows).select_related(
        *("limit__workspace", "limit__member", "limit__group", "limit__api_key", "member")
    )
    for window in found.annotate(raised=raised).order_by("limit_id", "pk"):
        limit = window.limit
        allowed = limit.amount + window.raised
        progress = Progress(window.used, allowed, limit.notify_at, window.notified)
        if crossed := progress.crossed:
            LimitWindow.objects.filter(pk=window.pk).update(notified=crossed)
            _tell(window, crossed, allowed)


def _tell(window: LimitWindow, crossed: int, allowed: int) -> None:
    limit = window.limit
    whom = _whom(window)
    about = f"limit {limit.code}"
    kind = NoticeKind.LIMIT_REACHED if crossed >= 100 else NoticeKind.LIMIT_NEAR
    if limit.period in _SHORT_PERIODS:
        recent = Notice.objects.filter(about=about, kind=kind, created_at__gt=now() - _QUIET_FOR)
        whom = whom.exclude(notices__in=recent)
    share = percent(window.used / allowed)
    say = _to_the_person if limit.is_personal else _to_admins
    link = reverse("accounts:limits", args=[limit.workspace.slug])
    tell(whom, kind, f"{say(limit, crossed, share)} {_reset(window)}", link, "See limits", about=about)


def _whom(window: LimitWindow) -> QuerySet[Membership]:
    limit = window.limit
    if limit.is_personal:
        person = window.member_id or limit.member_id
        return Membership.objects.filter(workspace=limit.workspace, user=person)
    return admins_of(limit.workspace)


def _to_the_person(limit: Limit, crossed: int, share: int) -> str:
    if crossed < 100:
        return f"You have used {share} % of your limit of {limit.label}."
    if limit.is_soft:
        return f"You have passed your limit of {limit.label}. Nothing is refused."
    return f"You have used up your limit of {limit.label}."


def _to_admins(limit: Limit, crossed: int, share: int) -> str:
    if crossed < 100:
        return f"{limit.who}: {share} % of the limit of {limit.label} is used."
    if limit.is_soft:
        return f"{limit.who}: the limit of {limit.label} is passed. Nothing is refused."
    return f"{limit.who}: the limit of {limit.label} is used up."


def _reset(window: LimitWindow) -> str:
    """Say when the limit resets in the workspace's time zone: the sentence is stored, for several readers."""
    if window.ends_at is None:
        return "It does not reset."
    zone = zone_of(window.limit.workspace.time_zone)
    with timezone.override(zone):
        words = in_words(window.ends_at, "j F, H:i")
    return f"It resets on {words}." if words.endswith(" UTC") else f"It resets on {words} ({zone})."
