"""Sign-in with an identity provider: which account it opens, and what the provider's claims make of it.

An account belongs to an identity by the provider's name for it, the subject, which never changes. The account
is found by its address the first time only, and only if the provider has confirmed that address.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.core.validators import validate_email
from django.db import transaction
from django.forms import ValidationError

from accounts import audit
from accounts.access import workspace_to_join
from accounts.addresses import confirm_address, is_confirmed
from accounts.exceptions import SignInRefused, WhyNotSignedIn
from accounts.flows.change_membership import is_last_owner, store_role
from accounts.flows.follow_groups import follow_groups
from accounts.flows.reset_factors import remove_factors
from accounts.models import AuditAction, Membership, User, Workspace
from accounts.names import mixed_letters, one_line

if TYPE_CHECKING:
    from accounts.identity_providers import IdentityProvider

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a provider describes them: the values are those of the claims that count."""

    subject: str
    address: str
    is_confirmed: bool
    name: str = ""
    values: frozenset[str] = frozenset()


class SignedIn(NamedTuple):
    user: User
    # Whether the account had a password that may have been somebody else's.
    lost_password: bool


@transaction.atomic
def sign_in_by_provider(
    provider: IdentityProvider, identity: Identity, *, is_invited: bool = False
) -> SignedIn:
    """Return the user whom an identity belongs to, and link it to them the first time.

    A new person gets an account if they may join, or hold an open invitation. The role and the groups that
    the provider decides are set each time. A person who was removed from the workspace does not come back.

    :raises SignInRefused: the identity opens no account.
    """
    linked = SocialAccount.objects.filter(provider=provider.code, uid=identity.subject)
    account = linked.select_related("user").first()
    workspace = workspace_to_join(provider.workspace)
    if workspace is not None and not workspace.lock_if_open():
        # A deleted workspace takes no members, and the next one is not meant in its place.
        workspace = None
    lost_password = False
    if account is not None:
        user: User = account.user
        _refuse_switched_off(user)
    else:
        known = _found_by_address(provider, identity)
        user = known or _new_person(provider, identity, is_invited)
        lost_password = known is not None and _take_over(known)
        SocialAccount.objects.create(user=user, provider=provider.code, uid=identity.subject)
        if workspace is not None:
            _join(workspace, provider, identity, user)
        audit.record_everywhere(user, AuditAction.LINK_IDENTITY, actor=user, subject=provider.name)
    if workspace is not None:
        _follow_claims(workspace, provider, identity, user)
    return SignedIn(user, lost_password)


def _refuse_switched_off(user: User) -> None:
    if not user.is_active:
        raise SignInRefused(WhyNotSignedIn.SWITCHED_OFF)


def _found_by_address(provider: IdentityProvider, identity: Identity) -> User | None:
    """Return the user with the identity's address, who was never seen with this provider before."""
    _refuse_unconfirmed(identity)
    user = User.objects.select_for_update().filter(email=identity.address).first()
    if user is None:
        return None
    _refuse_switched_off(user)
    if SocialAccount.objects.filter(user=user, provider=provider.code).exists():
        # The provider gave the address to somebody else, or made the same person anew. Only people can tell.
        raise SignInRefused(WhyNotSignedIn.OTHER_IDENTITY, identity.address)
    return user


def _take_over(user: User) -> bool:
    """Confirm the address of a known user; return True if that cost the account its password.

    Somebody else may have chosen this address for an account of theirs, which they would share from now on.
    A changed password ends all sessions as well.
    """
    if is_confirmed(user):
        return False
    confirm_address(user)
    # A passkey of theirs would sign them in without the password.
    remove_factors(user, actor=user)
    if not user.has_usable_password():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record_everywhere(user, AuditAction.REMOVE_PASSWORD, actor=user)
    return True


def _refuse_unconfirmed(identity: Identity) -> None:
    try:
        validate_email(identity.address)
    except ValidationError:
        raise SignInRefused(WhyNotSignedIn.UNCONFIRMED) from None
    if not identity.is_confirmed:
        raise SignInRefused(WhyNotSignedIn.UNCONFIRMED, identity.address)


def _new_person(provider: IdentityProvider, identity: Identity, is_invited: bool) -> User:
    if not is_invited and not provider.lets_join(identity.address, identity.values):
        raise SignInRefused(WhyNotSignedIn.NOT_ADMITTED, identity.address)
    name = one_line(identity.name)[:120]
    # A name that could be taken for another is left out: their address shows until they enter one.
    user = User.objects.create_user(identity.address, None, name="" if mixed_letters(name) else name)
    confirm_address(user)
    return user


def _join(workspace: Workspace, provider: IdentityProvider, identity: Identity, user: User) -> None:
    if not provider.lets_join(identity.address, identity.values):
        return
    role = provider.role_for(identity.values) or provider.role
    _, is_new = Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": role})
    if is_new:
        audit.record(
            workspace,
            AuditAction.JOIN,
            actor=user,
            code=f"user {user.pk}",
            after={"role": role, "by": provider.name},
        )


def _follow_claims(workspace: Workspace, provider: IdentityProvider, identity: Identity, user: User) -> None:
    member = (
        Membership.objects.select_related("user", "workspace").filter(workspace=workspace, user=user).first()
    )
    if member is None:
        return
    role = provider.role_for(identity.values)
    if role is not None and role != member.role:
        if is_last_owner(member):
            logger.warning(
                "%s makes user %s %s, but they stay the only owner of workspace %s",
                provider.code,
                user.pk,
                role,
                workspace.pk,
            )
        else:
            store_role(member, role, actor=None, by=provider.name)
    follow_groups(member, provider.groups_for(identity.values), by=provider.name)
