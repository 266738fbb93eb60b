"""Access to workspaces and what belongs to them. Strangers get a 404.

Every id in a URL becomes an object here.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import BigIntegerField, BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.factors import require_factor
from accounts.models import (
    ApiKey,
    BrowserSession,
    CappedKey,
    ChargeDifference,
    DaySum,
    Group,
    Invitation,
    LedgerEntry,
    Limit,
    LimitRaise,
    Membership,
    Notice,
    OutgoingMail,
    RaiseRequest,
    User,
    Workspace,
)
from accounts.permissions import ROLES, Action, allows
from accounts.prepared import prepared

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from accounts.models import Workspace


# The page of a 404 tells this to the members of the workspace, and to nobody else.
WORKSPACE_DELETED = "workspace deleted"


def get_membership_for(user: User, slug: str) -> Membership:
    """Return the membership of ``user`` in the workspace ``slug``, with both loaded.

    :raises Http404: there is no such workspace, or the user is not in it; the answer does not tell which.
    :raises SecondFactorRequired: the workspace requires a second factor, which the user does not have.
    """
    membership = get_any_membership_for(user, slug)
    require_factor(membership)
    return membership


def get_any_membership_for(user: User, slug: str) -> Membership:
    """Return the same for the pages that members without a required second factor may use.

    :raises Http404: see :func:`get_membership_for`.
    """
    membership = (
        Membership.objects.select_related("user", "workspace").filter(user=user, workspace__slug=slug).first()
    )
    if membership is None:
        if Membership.with_suspended.filter(user=user, workspace__slug=slug, is_suspended=True).exists():
            raise Http404(WORKSPACE_DELETED)
        raise Http404
    return membership


def get_deleted_membership_for(user: User, slug: str) -> Membership:
    """Return the membership of an owner in a deleted workspace, which they can restore.

    :raises Http404: there is no such workspace, it is not deleted or was purged, or the user does not own it.
    """
    return get_object_or_404(
        Membership.with_suspended.select_related("user", "workspace"),
        user=user,
        workspace__slug=slug,
        is_suspended=True,
        role__in=ROLES[Action.DELETE_WORKSPACE],
    )


def deleted_memberships_of(user: User) -> list[Membership]:
    """Return the user's memberships in deleted workspaces that are not purged yet, with both loaded."""
    found = Membership.with_suspended.select_related("user", "workspace")
    return list(found.filter(user=user, is_suspended=True).order_by("workspace__deleted_at"))


def memberships_of(user: User) -> list[Membership]:
    """Return a user's memberships, sorted by the workspaces' names, with both loaded."""
    return list(
        Membership.objects.select_related("user", "workspace").filter(user=user).order_by("workspace__name")
    )


@prepared(user=BigIntegerField(), workspace=BigIntegerField())
def _membership(user: Any, workspace: Any) -> QuerySet[Membership]:
    return Membership.objects.filter(user_id=user, workspace_id=workspace)


def workspace_to_join(slug: str) -> Workspace | None:
    """Return the workspace that people join by themselves: the one of the slug, or the first one.

    Once that is deleted there is none: nobody gets into the workspace of another team in its place.
    """
    found = Workspace.objects.order_by("pk")
    workspace = (found.filter(slug=slug) if slug else found).first()
    return workspace if workspace is not None and workspace.deleted_at is None else None


def membership_in(workspace: Workspace, user: User) -> Membership | None:
    """Return the membership of ``user`` in a workspace, with both loaded; None if they are not in it."""
    for membership in _membership(user=user.pk, workspace=workspace.pk):
        membership.user, membership.workspace = user, workspace
        return membership
    return None


def has_left(workspace: Workspace, user: int | None) -> bool:
    """Tell whether a person, by their key, is no member of a workspace that has something of theirs."""
    return not Membership.objects.filter(workspace=workspace, user=user).exists()


def require(membership: Membership, action: Action) -> None:
    """Refuse what a role does not allow.

    :raises PermissionDenied: the member's role does not allow ``action``.
    """
    if not allows(membership.role, action):
        raise PermissionDenied


def current_membership(user: User) -> Membership | None:
    """Return the membership of the workspace that the user was in last, for URLs that name none.

    For somebody who has left it, it is the one that they joined first.
    """
    was_last = ExpressionWrapper(Q(workspace=user.last_workspace_id), BooleanField())
    return (
        Membership.objects.select_related("user", "workspace")
        .filter(user=user)
        .order_by(was_last.desc(), "created_at", "pk")
        .first()
    )


def get_member_of(workspace: Workspace, number: int) -> Membership:
    """Return a membership by its key.

    :raises Http404: there is no such membership, or it belongs to another workspace.
    """
    return get_object_or_404(
        Membership.objects.select_related("user", "workspace"), pk=number, workspace=workspace
    )


def get_spender_of(workspace: Workspace, number: str) -> User:
    """Return a user by the key in an address: a member, or somebody who has used something in the workspace.

    :raises Http404: there is no such user, or they have nothing to do with the workspace.
    """
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    is_known = Exists(Membership.objects.filter(workspace=workspace, user=OuterRef("pk"))) | Exists(
        DaySum.objects.filter(workspace=workspace, user=OuterRef("pk"))
    )
    return get_object_or_404(User.objects.filter(is_known), pk=number)


def get_session_of(user: User, code: UUID) -> BrowserSession:
    return get_object_or_404(BrowserSession, user=user, code=code)


def get_invitation_of(workspace: Workspace, code: UUID) -> Invitation:
    return get_object_or_404(Invitation, code=code, workspace=workspace)


def get_limit_of(workspace: Workspace, code: UUID) -> Limit:
    limits = Limit.objects.select_related("workspace", "member", "group", "api_key__member")
    return get_object_or_404(limits, code=code, workspace=workspace, batch=None)


def get_group_of(workspace: Workspace, code: UUID) -> Group:
    return get_object_or_404(Group.objects.select_related("workspace"), code=code, workspace=workspace)


def groups_for(viewer: Membership) -> QuerySet[Group]:
    """Return the groups of the workspace that a member may see: their own, or all if they manage people."""
    groups = Group.objects.filter(workspace=viewer.workspace_id)
    if allows(viewer.role, Action.MANAGE_PEOPLE):
        return groups
    # A join would count this member alone.
    return groups.filter(pk__in=viewer.groups.values("pk"))


def get_notice_of(member: Membership, code: UUID) -> Notice:
    return get_object_or_404(Notice.objects.select_related("recipient"), code=code, recipient=member)


def mails_of(workspace: Workspace) -> QuerySet[OutgoingMail]:
    """Return the mails to members of a workspace and to those who are invited to it."""
    own = Q(recipient__workspace=workspace) | Q(invitation__workspace=workspace)
    return OutgoingMail.objects.filter(own)


def get_mail_of(workspace: Workspace, code: UUID) -> OutgoingMail:
    mails = mails_of(workspace).select_related("recipient__user", "invitation")
    return get_object_or_404(mails, code=code)


def get_key_for(membership: Membership, code: UUID) -> ApiKey:
    """Return a key that a member may change: one of their own, or one of the workspace.

    :raises Http404: there is no such key here, or it is another member's.
    :raises PermissionDenied: the member's role does not allow it.
    """
    keys = ApiKey.objects.select_related("workspace", "member", "created_by", "capped")
    mine = Q(member=membership.user_id) | Q(member=None)
    key = get_object_or_404(keys.filter(mine), workspace=membership.workspace_id, code=code)
    require(membership, Action.OWN_KEY if key.member_id else Action.MANAGE_KEYS)
    return key


def get_capped_key_of(workspace: Workspace, code: UUID) -> CappedKey:
    keys = CappedKey.objects.select_related("api_key", "member")
    return get_object_or_404(keys, workspace=workspace, code=code)


def get_difference_of(workspace: Workspace, code: UUID) -> ChargeDifference:
    return get_object_or_404(ChargeDifference, workspace=workspace, code=code)


def get_entry_of(workspace: Workspace, run: UUID) -> LedgerEntry:
    """Return the own ledger entry of a run, which its corrections refer to."""
    return get_object_or_404(
        LedgerEntry.objects.select_related("user"), workspace=workspace, run_code=run, number=0
    )


def get_raise_of(workspace: Workspace, code: UUID) -> LimitRaise:
    raises = LimitRaise.objects.select_related("limit__workspace", "member")
    return get_object_or_404(raises, code=code, limit__workspace=workspace)


def get_raise_request_of(workspace: Workspace, code: UUID) -> RaiseRequest:
    requests = RaiseRequest.objects.select_related("limit__workspace", "member__user")
    return get_object_or_404(requests, code=code, member__workspace=workspace)


_View = TypeVar("_View", bound="Callable[..., HttpResponse]")


def one_after_the_other(view: _View) -> _View:
    """Let a view that stores settings of a workspace read what the one before it has stored.

    It holds the lock of the workspace, so the view must not wait for anything outside.
    """

    @wraps(view)
    def locked(request: Any, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            get_membership_for(request.user, slug).workspace.lock()
            return view(request, slug, *args, **kwargs)

    return cast("_View", locked)
