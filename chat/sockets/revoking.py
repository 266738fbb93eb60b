"""Signals after the end of a session, a new password, another role, group or rule, for sockets and answers.

The check and the code of the close are in ``reader``; ``frame_writer`` and ``consumer`` close the socket. The
runs of a person who may no longer send are stopped.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from accounts.models import BrowserSession, Group, Membership, User, Workspace
from accounts.permissions import Action, allows
from chat.flows.stop_runs_of import stop_runs_of
from chat.live import broadcast
from chat.relays import background

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.dispatch import Signal


def connect() -> None:
    """Connect the signals. For the app's ``ready``."""
    user_logged_out.connect(_signed_out, dispatch_uid="chat.sockets.revoking")
    for model in (User, Membership):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"chat.sockets.revoking.{model.__name__}")
    post_save.connect(_rule_changed, sender=Workspace, dispatch_uid="chat.sockets.revoking.Workspace")
    post_delete.connect(_ended, sender=Authenticator, dispatch_uid="chat.sockets.revoking.Authenticator")
    post_delete.connect(_ended, sender=BrowserSession, dispatch_uid="chat.sockets.revoking.BrowserSession")
    m2m_changed.connect(_regrouped, sender=Group.members.through, dispatch_uid="chat.sockets.revoking.groups")
    # The rows of its members are deleted with a group, which no signal tells.
    pre_delete.connect(_ungrouped, sender=Group, dispatch_uid="chat.sockets.revoking.Group")


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        broadcast.announce_person(user.pk)


def _rule_changed(instance: Workspace, update_fields: frozenset[str] | None, **_: Any) -> None:
    if "requires_factor" in (update_fields or ()):
        for user in Membership.objects.filter(workspace=instance).values_list("user", flat=True):
            transaction.on_commit(partial(broadcast.announce_person, user))


def _ended(instance: BrowserSession | Authenticator, **_: Any) -> None:
    if instance.user_id is not None:
        transaction.on_commit(partial(broadcast.announce_person, instance.user_id))


def _changed(instance: Model, signal: Signal, **_: Any) -> None:
    pk = instance.user_id if isinstance(instance, Membership) else instance.pk
    transaction.on_commit(partial(broadcast.announce_person, pk))
    # A failure here must not undo what was changed, nor the answer to the request that changed it.
    if isinstance(instance, Membership) and (signal is post_delete or not allows(instance.role, Action.SEND)):
        transaction.on_commit(partial(_stop_runs, instance.user, instance.workspace), robust=True)
    elif isinstance(instance, User) and not instance.is_active:
        transaction.on_commit(partial(_stop_runs, instance), robust=True)


def _regrouped(
    instance: Group | Membership, action: str, *, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """Tell the people who have joined a group or left it."""
    if action in ("post_add", "post_remove"):
        _tell([instance.pk] if reverse else pk_set or ())
    elif action == "pre_clear":
        _tell([instance.pk] if reverse else instance.members.values_list("pk", flat=True))  # type: ignore[union-attr]


def _ungrouped(instance: Group, **_: Any) -> None:
    _tell(instance.members.values_list("pk", flat=True))


def _tell(members: Iterable[int]) -> None:
    for user in list(Membership.objects.filter(pk__in=list(members)).values_list("user_id", flat=True)):
        transaction.on_commit(partial(broadcast.announce_person, user))


def _stop_runs(user: User, workspace: Workspace | None = None) -> None:
    for run in stop_runs_of(user, workspace):
        background.stop(run)
