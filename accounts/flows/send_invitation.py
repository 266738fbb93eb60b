from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.mail import send_mail

if TYPE_CHECKING:
    from accounts.models import Invitation, User


def send_invitation(invitation: Invitation, link: str, to: str, *, actor: User) -> None:
    """Send the link of an invitation to an address.

    :raises MailFailed: the mail was not sent; the link works all the same.
    """
    context = {
        "inviter": actor.display_name,
        "workspace": invitation.workspace.name,
        "role": invitation.get_role_display().lower(),
        "expires_at": invitation.expires_at,
        "link": link,
    }
    send_mail("accounts/mail/invitation.txt", context, to)
