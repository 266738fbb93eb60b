from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from accounts import audit
from accounts.access import memberships_of
from accounts.flows.remember_workspace import remember_workspace
from accounts.models import AuditAction, Membership, Role, Workspace
from accounts.permissions import may_create_workspace

if TYPE_CHECKING:
    from accounts.flows.edit_workspace import WorkspaceFields
    from accounts.models import User

_TRIES = 5


@transaction.atomic
def create_workspace(fields: WorkspaceFields, *, actor: User) -> Workspace:
    """Create a workspace with the actor as its owner.

    It has the providers that come with the product, with the demo, and neither keys nor limits.

    :raises PermissionDenied: the installation does not let the actor create workspaces.
    """
    if not may_create_workspace(membership.role for membership in memberships_of(actor)):
        raise PermissionDenied
    workspace = add_workspace(fields)
    remember_workspace(Membership.objects.create(workspace=workspace, user=actor, role=Role.OWNER))
    audit.record(workspace, AuditAction.CREATE_WORKSPACE, actor=actor, subject=fields.name)
    return workspace


def add_workspace(fields: WorkspaceFields) -> Workspace:
    """Store a workspace without members. Its address is made of its name, and differs from all others."""
    base = slugify(fields.name)[:50].strip("-") or "team"
    for attempt in range(_TRIES):
        slug = base if attempt == 0 else f"{base}-{get_random_string(6).lower()}"
        try:
            with transaction.atomic():
                return Workspace.objects.create(
                    slug=slug, name=fields.name, icon=fields.icon, colour=fields.colour
                )
        except IntegrityError:
            # Another workspace has this address. A deleted one keeps its own until it is purged.
            continue
    raise IntegrityError(f"No free address for a workspace was found in {_TRIES} tries.")
