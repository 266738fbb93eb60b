"""The person who reads a page, and their right to read it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from chat.access import (
    get_conversation_for,
    user_of_session,
    was_deleted_for,
    workspace_was_deleted_for,
)
from chat.live.wakeups import Flag
from chat.sockets.protocol import DELETED, NO_ACCESS, SIGNED_OUT, WORKSPACE_DELETED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import tzinfo
    from uuid import UUID

    from accounts.models import User
    from chat.live.wakeups import Wakeup

    LookUp = Callable[..., Awaitable[Any]]

P = ParamSpec("P")
T = TypeVar("T")

RECHECK_SECONDS = 30.0
# Django announces a sign-out before it ends the session. The check waits so long after such news.
SETTLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _InZone(Generic[P, T]):
    """A job with its times in a time zone. Two of the same job and zone are equal."""

    job: Callable[P, T]
    zone: tzinfo

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        with timezone.override(self.zone):
            return self.job(*args, **kwargs)


class PageReader:
    """The person behind a session, checked again and again while their page is open."""

    user: User

    def __init__(self, session_key: str, wakeup: Wakeup, zone: tzinfo = UTC) -> None:
        # This flag is set when the person's rights may have changed.
        self.changes = Flag(wakeup)
        # Whether the flag was set since the threads were last looked at.
        self.has_news = False
        self._session_key = session_key
        self._zone = zone
        self._recheck_at = 0.0

    def in_zone(self, job: Callable[P, T]) -> Callable[P, T]:
        """Return the job with its times in the person's time zone."""
        return _InZone(job, self._zone)

    async def refusal(self, conversations: Iterable[UUID], look_up: LookUp) -> int | None:
        """Look up afresh whether the person may read all of these; return the close code if not."""
        self._recheck_at = time.monotonic() + RECHECK_SECONDS * _spread()
        user = await look_up(user_of_session, self._session_key)
        if user is None:
            return SIGNED_OUT
        self.user = user
        for code in conversations:
            try:
                await look_up(get_conversation_for, user, code)
            except (Http404, PermissionDenied):
                return await self._why_refused(user, code, look_up)
        return None

    async def _why_refused(self, user: User, code: UUID, look_up: LookUp) -> int:
        if await look_up(was_deleted_for, user, code):
            return DELETED
        return WORKSPACE_DELETED if await look_up(workspace_was_deleted_for, user, code) else NO_ACCESS

    def needs_check(self) -> bool:
        """Return whether a check is due: after news of the person's rights, and now and then."""
        if self.changes.take():
            self.has_news = True
            self._recheck_at = min(self._recheck_at, time.monotonic() + SETTLE_SECONDS)
        return time.monotonic() >= self._recheck_at

    @property
    def seconds_to_check(self) -> float:
        return max(0.0, self._recheck_at - time.monotonic())


def _spread() -> float:
    """Return a factor that spreads the checks of pages opened at the same moment, as after a restart."""
    return random.uniform(0.8, 1.0)  # noqa: S311 - no secret
