"""A person's e-mail address: it is confirmed, and changed, by a link that is mailed to it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit
from accounts.addresses import confirm_address
from accounts.exceptions import LinkUnusable
from accounts.mail import send_in_background, send_mail
from accounts.mailed_codes import make_code, read_code
from accounts.models import AuditAction, User
from accounts.origins import current_origin

_PURPOSE = "address"


def make_address_code(user: User, address: str) -> str:
    """Return the code of a link that makes ``address`` the user's confirmed one. It ends with its use."""
    return make_code(_PURPOSE, user.pk, user.email, address)


def mail_address_link(address: str, *, actor: User) -> None:
    """Mail such a link to the address; to one with another account, mail that it has one.

    The person who asks sees no difference, and so cannot find out who has an account.

    :raises MailFailed: the mail was not sent.
    """
    context = {"person": actor, "address": address, "origin": settings.PUBLIC_ORIGIN}
    if User.objects.filter(email=address).exclude(pk=actor.pk).exists():
        send_mail("accounts/mail/address_taken.txt", context, address)
        return
    path = reverse("accounts:confirm_address", args=[make_address_code(actor, address)])
    context["link"] = f"{settings.PUBLIC_ORIGIN}{path}"
    send_mail("accounts/mail/confirm_address.txt", context, address)


def read_address_code(code: str, *, actor: User) -> str:
    """Return the address that a link confirms for the person who opened it.

    :raises LinkUnusable: it is no such link, is not for this person, or was used.
    """
    number, before, address = read_code(_PURPOSE, code)
    if number != actor.pk or before != actor.email:
        raise LinkUnusable
    return str(address)


def use_address_code(code: str, *, actor: User) -> None:
    """Confirm the address of a link, and make it the actor's. The old address is told.

    :raises LinkUnusable: see :func:`read_address_code`, or somebody else has the address by now.
    """
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=actor.pk)
            before, address = user.email, read_address_code(code, actor=user)
            if address != before:
                user.email = address
                user.save(update_fields=["email"])
                changed = {"address": address, "before": before}
                audit.record_everywhere(user, AuditAction.CHANGE_ADDRESS, actor=user, after=changed)
            confirm_address(user)
    except IntegrityError:
        raise LinkUnusable from None
    if address != before:
        context = {"person": user, "address": address, "origin": current_origin() or "unknown"}
        transaction.on_commit(
            partial(send_in_background, "accounts/mail/address_changed.txt", context, before)
        )
