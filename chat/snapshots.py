"""Access to public snapshots: by the token of a link, without a session, or by their makers and admins."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import Http404

from accounts.permissions import Action, allows
from chat.models import Snapshot, StoredFile

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import Membership


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def snapshot_behind(token: str) -> Snapshot | None:
    """Return what a link shows; None if it was never made, is revoked or expired, or is no longer allowed.

    The caller answers all of these alike.
    """
    live = Snapshot.objects.live().filter(workspace__allows_public_links=True, workspace__deleted_at=None)
    return live.filter(token_hash=hash_of(token)).first()


def file_behind(token: str, code: UUID) -> StoredFile | None:
    """Return a file that a link shows, as :func:`snapshot_behind` does."""
    snapshot = snapshot_behind(token)
    if snapshot is None:
        return None
    return StoredFile.objects.filter(snapshot=snapshot, code=code).first()


def snapshots_for(membership: Membership) -> QuerySet[Snapshot]:
    """Return the snapshots that a member may revoke: all of the workspace's for an admin, else their own."""
    snapshots = Snapshot.objects.filter(workspace=membership.workspace_id)
    if allows(membership.role, Action.MANAGE_WORKSPACE):
        return snapshots
    return snapshots.filter(Q(made_by=membership.user_id) | Q(conversation__owner=membership.user_id))


def get_snapshot_for(membership: Membership, code: UUID) -> Snapshot:
    """Find a snapshot that a member may revoke.

    :raises Http404: there is none, or it is another member's, or belongs to another workspace.
    """
    found = snapshots_for(membership).select_related("conversation").filter(code=code).first()
    if found is None:
        raise Http404
    return found
