"""The invitations of a workspace as their page lists them: searched, and by their state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.timezone import now

from accounts.flows.invite import open_invitations
from accounts.models import Invitation
from accounts.pages.filters import ListFilters

if TYPE_CHECKING:
    from django.core.paginator import Page

    from accounts.models import Workspace

PER_PAGE = 40


@dataclass(frozen=True, slots=True)
class InvitationFilters(ListFilters):
    """Filters of the list. An empty ``state`` shows those that can still be used."""

    STATES: ClassVar = {
        "": "Open",
        "expired": "Expired",
        "accepted": "Accepted",
        "revoked": "Revoked",
        "all": "All",
    }

    state: str = ""

    @property
    def condition(self) -> Q:
        unused = Q(accepted_at=None, revoked_at=None)
        return {
            "expired": unused & Q(expires_at__lte=now()),
            "accepted": Q(accepted_at__isnull=False),
            "revoked": Q(revoked_at__isnull=False),
            "all": Q(),
        }.get(self.state, open_invitations())


def invitations_page(workspace: Workspace, filters: InvitationFilters) -> Page[Invitation]:
    """Return the page of invitations that the filters ask for, the newest first, with their groups."""
    found = Invitation.objects.filter(filters.condition, workspace=workspace)
    found = found.select_related("created_by", "accepted_by", "mail").prefetch_related("groups")
    for word in filters.q.split():
        found = found.filter(Q(email__icontains=word) | Q(note__icontains=word))
    return Paginator(found.order_by("-created_at", "-pk"), PER_PAGE).get_page(filters.page or 1)
