"""The end of public links whose maker is no longer a member.

A link ends with the membership of its maker: nobody who stays has decided that outsiders may read the copy.
Who still has the conversation can make another link to a copy of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.signals import post_delete

from accounts.models import Membership
from chat.flows.revoke_snapshot import revoke_snapshot
from chat.models import Snapshot

if TYPE_CHECKING:
    from accounts.models import User, Workspace


def connect() -> None:
    # The member, an admin, an identity provider or the end of the account may end a membership.
    post_delete.connect(_ended, sender=Membership, dispatch_uid="chat.end_public_links")


def _ended(instance: Membership, **kwargs: Any) -> None:
    end_public_links(instance.workspace, instance.user)


@transaction.atomic
def end_public_links(workspace: Workspace, maker: User) -> int:
    """Revoke the public links that a former member has made, and delete their copies; return how many.

    Those of a deleted workspace do not work anyway, and are purged with it.
    """
    made = Snapshot.objects.filter(workspace=workspace, workspace__deleted_at=None, made_by=maker)
    unrevoked = list(made.filter(revoked_at=None).select_related("conversation"))
    return sum(revoke_snapshot(each, None, why="its maker left the workspace") for each in unrevoked)
