"""The end of an account, by the person themself.

The row of the user stays without name, address and password, since the books and shared conversations refer
to it: they show "A former member". Everything else of the person is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now

from accounts import audit
from accounts.access import memberships_of
from accounts.exceptions import MembershipRefused
from accounts.flows.change_membership import is_last_owner, remove_member
from accounts.flows.forget_person import forget_person
from accounts.models import AuditAction
from chat.flows.delete_library_entry import delete_library_entry
from chat.flows.delete_prompt import delete_prompt
from chat.flows.delete_test_table import delete_test_table
from chat.flows.stop_runs_of import stop_runs_of
from chat.library_access import ITEMS, with_shares
from chat.models import Access, Conversation, Prompt, Share, TableOfCases

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
        _delete_private_items(actor)
        for member in memberships_of(actor):
            remove_member(member, actor=actor)
        for own in (actor.drafts, actor.placements, actor.chat_defaults, actor.favourite_models):
            own.all().delete()
        forget_person(actor)
    return stopped


def _delete_private_items(actor: User) -> None:
    """Delete what nobody else can reach in the libraries of workspaces, as private conversations are."""
    for kind in ITEMS.values():
        own: Any = kind._default_manager.filter(created_by=actor, workspace_access=Access.NONE)
        for item in with_shares(own).filter(has_shares=False):
            if isinstance(item, Prompt):
                delete_prompt(item, actor=actor)
            elif isinstance(item, TableOfCases):
                delete_test_table(item, actor=actor)
            else:
                delete_library_entry(item, actor=actor)
