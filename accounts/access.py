"""The only way from a workspace's name in a URL to what a person is in it: 404 to strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Invitation, Limit, Membership
from accounts.permissions import allows

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User, Workspace
    from accounts.permissions import Action


def get_membership_for(user: User, slug: str) -> Membership:
    """Find what ``user`` is in the workspace ``slug``, with both loaded.

    :raises Http404: there is no such workspace, or they are not in it; which of the two stays hidden.
    """
    membership = (
        Membership.objects.select_related("user", "workspace").filter(user=user, workspace__slug=slug).first()
    )
    if membership is None:
        raise Http404
    return membership


def memberships_of(user: User) -> list[Membership]:
    """All that a person is a member of, by the names of the workspaces, with both loaded."""
    return list(
        Membership.objects.select_related("user", "workspace").filter(user=user).order_by("workspace__name")
    )


def require(membership: Membership, action: Action) -> None:
    """
    :raises PermissionDenied: the member's role does not allow ``action``.
    """
    if not allows(membership.role, action):
        raise PermissionDenied


def current_membership(user: User) -> Membership | None:
    """Where a person starts who names no workspace: the one they joined first."""
    return (
        Membership.objects.select_related("user", "workspace")
        .filter(user=user)
        .order_by("created_at", "pk")
        .first()
    )


def get_member_of(workspace: Workspace, number: int) -> Membership:
    """
    :raises Http404: there is no such membership, or it is of another workspace.
    """
    return get_object_or_404(
        Membership.objects.select_related("user", "workspace"), pk=number, workspace=workspace
    )


def get_invitation_of(workspace: Workspace, code: UUID) -> Invitation:
    return get_object_or_404(Invitation, code=code, workspace=workspace)


def get_limit_of(workspace: Workspace, code: UUID) -> Limit:
    return get_object_or_404(Limit.objects.select_related("workspace"), code=code, workspace=workspace)
