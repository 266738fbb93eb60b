from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.mail import compose, send_mail

if TYPE_CHECKING:
    from accounts.models import Invitation, User

_TEMPLATE = "accounts/mail/invitation.txt"


def send_invitation(invitation: Invitation, link: str, to: str, *, actor: User) -> None:
    """Send the link of an invitation to an address.

    :raises MailFailed: the mail was not sent; the link works all the same.
    """
    send_mail(_TEMPLATE, _context(invitation, link, actor), to)


def words_of_invitation(invitation: Invitation, link: str) -> tuple[str, str]:
    """Return the subject and the text of the mail of an invitation, in the name of the person who made it."""
    return compose(_TEMPLATE, _context(invitation, link, invitation.created_by))


def _context(invitation: Invitation, link: str, inviter: User) -> dict[str, Any]:
    return {
        "inviter": inviter.display_name,
        "workspace": invitation.workspace.name,
        "role": invitation.get_role_display().lower(),
        "expires_at": invitation.expires_at,
        "link": link,
    }
