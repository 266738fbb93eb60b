"""Signals that make open sockets check their reader: a sign-out, a new password, another role.

The check and the code of the close are in ``reader``; ``frame_writer`` and ``consumer`` close the socket.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import Membership, User
from chat.live import broadcast

if TYPE_CHECKING:
    from django.db.models import Model


def connect() -> None:
    """Connect the signals. For the app's ``ready``."""
    user_logged_out.connect(_signed_out, dispatch_uid="chat.sockets.revoking")
    for model in (User, Membership):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"chat.sockets.revoking.{model.__name__}")


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        broadcast.announce_person(user.pk)


def _changed(instance: Model, **_: Any) -> None:
    pk = instance.user_id if isinstance(instance, Membership) else instance.pk
    transaction.on_commit(partial(broadcast.announce_person, pk))
