"""The signal after a change of somebody's notices, for the bells of their open pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.notices import notices_changed
from chat.live import broadcast

if TYPE_CHECKING:
    from collections.abc import Iterable


def connect() -> None:
    """Connect the signal. For the app's ``ready``."""
    notices_changed.connect(_changed, dispatch_uid="chat.sockets.bells")


def _changed(users: Iterable[int], **_: Any) -> None:
    for pk in users:
        broadcast.announce_notices(pk)
