from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Group
from chat.live import broadcast
from chat.models import Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Membership, User


def store_share(thing: Any, user: User, holder: Membership | Group, *, can_write: bool) -> None:
    """Give a member or a group access to a conversation with its columns, or to an item of the library.

    The last call counts. Call it in a transaction that has locked the thing and its workspace.
    """
    is_group = isinstance(holder, Group)
    held: dict[str, Any] = {"group" if is_group else "member": holder}
    # The lock keeps new columns out, which copy the shares of their comparison.
    for each in parts_of(thing):
        each.shares.update_or_create(**held, defaults={"can_write": can_write})
    record_share(
        thing,
        AuditAction.SHARE_WITH_GROUP if is_group else AuditAction.SHARE_WITH_MEMBER,
        user,
        after={"with": name_of(holder), "may write": can_write},
    )
    transaction.on_commit(partial(announce_share, thing))


def parts_of(thing: Any) -> Sequence[Any]:
    """Return the rows that have the shares of a thing: a comparison has columns."""
    return (*thing.columns.all(), thing) if isinstance(thing, Conversation) else (thing,)


def record_share(thing: Any, action: AuditAction, user: User, **changed: dict[str, Any]) -> None:
    """Write an event about the access to a thing, with the kind of thing unless it is a conversation."""
    if not isinstance(thing, Conversation):
        changed = {when: {"what": thing.noun, **values} for when, values in changed.items()}
    audit.record(thing.workspace_id, action, actor=user, subject=thing, code=thing.code, **changed)


def announce_share(thing: Any) -> None:
    """Let open pages of a conversation ask anew what their readers may do. Items have no sockets."""
    if isinstance(thing, Conversation):
        broadcast.announce(thing.code)


def name_of(holder: Membership | Group) -> str:
    """Return the name of the member or group, as the audit log keeps it."""
    return holder.name if isinstance(holder, Group) else audit.name_of(holder.user)
