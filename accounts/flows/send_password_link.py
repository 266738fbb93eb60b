from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.mail import send_mail

if TYPE_CHECKING:
    from accounts.models import Membership, User


def send_password_link(member: Membership, link: str, *, actor: User) -> None:
    """Send a member the link with which they set a new password, to the address that they sign in with.

    :raises MailFailed: the mail was not sent; the link works all the same.
    """
    context = {"sender": actor.display_name, "person": member.user, "link": link}
    send_mail("accounts/mail/password_link.txt", context, member.user.email)
