from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from accounts.models import AuditAction
from chat.exceptions import ShareRefused
from chat.flows.store_share import announce_share, record_share
from chat.models import Conversation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from chat.models import Access, LibraryItem


def share_with_workspace(thing: Conversation | LibraryItem, user: User, access: Access) -> None:
    """Set what everyone in the workspace may do with a thing. Viewers only ever read.

    Answers that are being written for a person who may no longer write go on: they are part of the
    conversation.

    :raises ShareRefused: everyone sees another item of that name already. Nothing is changed.
    """
    before = thing.workspace_access
    try:
        with transaction.atomic():
            # save() would restore what was deleted meanwhile, so this is an update.
            _rows_of(thing).update(workspace_access=access)
            was, now = {"access": before}, {"access": access}
            record_share(thing, AuditAction.SHARE_WITH_WORKSPACE, user, before=was, after=now)
    except IntegrityError as error:
        raise ShareRefused(
            f"Everyone sees another {thing.noun} called {thing} already. Rename one of them first."
        ) from error
    thing.workspace_access = access
    # The open sockets of other readers then ask for news: what they may do now, or that they are refused.
    announce_share(thing)


def _rows_of(thing: Conversation | LibraryItem) -> QuerySet[Any]:
    if isinstance(thing, Conversation):
        return thing.with_columns
    return type(thing)._default_manager.filter(pk=thing.pk)
