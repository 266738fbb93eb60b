from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.flows.invite import hash_token, link_of, open_invitations, roles_to_give, token_of
from accounts.models import AuditAction, Invitation
from accounts.spreadsheets import csv_lines, harmless_name

if TYPE_CHECKING:
    from accounts.models import Membership, User


@transaction.atomic
def export_links(manager: Membership, *, actor: User) -> str:
    """Return the links of the open invitations for one address each, as CSV, to send them by other means.

    A manager gets those to the roles that they may give, since a link lets anybody in who has it and an
    account with the address.
    """
    workspace = manager.workspace
    found = Invitation.objects.filter(open_invitations(), workspace=workspace)
    found = found.filter(role__in=roles_to_give(manager))
    rows = [["email", "role", "link"]]
    for invitation in found.exclude(email="").order_by("-created_at", "-pk"):
        # The link of an earlier SECRET_KEY cannot be made again.
        if invitation.token_hash == hash_token(token_of(invitation)):
            rows.append([invitation.email, invitation.role, link_of(invitation)])
    audit.record(workspace, AuditAction.EXPORT_LINKS, actor=actor, after={"links": len(rows) - 1})
    return csv_lines(rows, harmless_name)
