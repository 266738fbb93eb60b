"""Sign-up without an invitation, where the settings allow it.

An address is asked for first, and a link is mailed to it. The account is made by the person who opens the
link, so no account has an address that is not confirmed, and nobody learns who has one already.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.access import workspace_to_join
from accounts.addresses import confirm_address
from accounts.exceptions import LinkUnusable
from accounts.identity_providers import domain_of
from accounts.mail import send_in_background
from accounts.mailed_codes import make_code, read_code
from accounts.models import AuditAction, Membership, User

_PURPOSE = "sign_up"


def may_sign_up(address: str) -> bool:
    """Tell whether the settings let somebody with this address make an account."""
    if not settings.PASSWORD_SIGN_IN:
        return False
    return settings.SIGN_UP == "OPEN" or (
        settings.SIGN_UP == "DOMAIN" and domain_of(address) in settings.SIGN_UP_DOMAINS
    )


def mail_sign_up_link(address: str) -> None:
    """Mail the link for a new account, or that there is one, without waiting for the mail server."""
    address = address.lower()
    if User.objects.filter(email=address).exists():
        context = {"address": address, "link": f"{settings.PUBLIC_ORIGIN}{reverse('account_login')}"}
        send_in_background("accounts/mail/has_account.txt", context, address)
        return
    path = reverse("accounts:finish_sign_up", args=[make_code(_PURPOSE, address)])
    context = {"address": address, "link": f"{settings.PUBLIC_ORIGIN}{path}"}
    send_in_background("accounts/mail/sign_up.txt", context, address)


def read_sign_up_code(code: str) -> str:
    """Return the address of a link for a new account.

    :raises LinkUnusable: it is no such link, was used, or the settings have changed.
    """
    address = str(read_code(_PURPOSE, code)[0])
    if not may_sign_up(address) or User.objects.filter(email=address).exists():
        raise LinkUnusable
    return address


@transaction.atomic
def make_account(code: str, name: str, password: str) -> tuple[User, Membership | None]:
    """Make the account of a link, which joins the workspace of the settings. The new user is the actor.

    :raises LinkUnusable: see :func:`read_sign_up_code`.
    :raises IntegrityError: the link was used at the same moment.
    """
    user = User.objects.create_user(read_sign_up_code(code), password, name=name)
    confirm_address(user)
    workspace = workspace_to_join(settings.SIGN_UP_WORKSPACE)
    if workspace is None:
        return user, None
    role = settings.SIGN_UP_ROLE.lower()
    member = Membership.objects.create(workspace=workspace, user=user, role=role)
    audit.record(
        workspace,
        AuditAction.JOIN,
        actor=user,
        code=f"user {user.pk}",
        after={"role": role, "by": "sign-up"},
    )
    return user, member
