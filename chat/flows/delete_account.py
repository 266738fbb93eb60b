"""The end of an account, by the person themself.

The row of the user stays without name, address and password, since the books and shared conversations refer
to it: they show "A former member". Everything else of the person is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now

from accounts import audit
from accounts.access import memberships_of
from accounts.exceptions import MembershipRefused
from accounts.flows.change_membership import is_last_owner, remove_member
from accounts.flows.forget_person import forget_person
from accounts.models import AuditAction
from chat.flows.stop_runs_of import stop_runs_of
from chat.models import Access, Conversation, Share

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Run


def owned_alone(user: User) -> list[Membership]:
    """Return the memberships that keep an account from being deleted: those of an only owner."""
    return [member for member in memberships_of(user) if is_last_owner(member)]


def delete_account(*, actor: User) -> list[Run]:
    """Delete the actor's account; return the runs that were stopped, so that the caller can end their relays.

    :raises MembershipRefused: the actor is the only owner of a workspace. Nothing is changed then.
    """
    if needed := owned_alone(actor):
        raise MembershipRefused(f"You are the only owner of {needed[0].workspace}.")
    # An answer in progress keeps what it has and is charged for it.
    stopped = stop_runs_of(actor)
    with transaction.atomic():
        audit.record_everywhere(actor, AuditAction.DELETE_ACCOUNT, actor=actor)
        shared = Exists(Share.objects.filter(conversation=OuterRef("pk")))
        private = Conversation.objects.filter(
            ~shared, owner=actor, workspace_access=Access.NONE, column_of=None
        )
        alone = list(private.values_list("pk", flat=True))
        # They are purged like others that were deleted. The columns of a comparison go with it.
        Conversation.objects.filter(Q(pk__in=alone) | Q(column_of__in=alone)).update(deleted_at=now())
        for member in memberships_of(actor):
            remove_member(member, actor=actor)
        for own in (actor.drafts, actor.placements, actor.chat_defaults, actor.favourite_models):
            own.all().delete()
        forget_person(actor)
    return stopped
