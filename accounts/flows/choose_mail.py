from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import MailChoice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User


def choose_mail(kinds: Iterable[str], *, actor: User) -> None:
    """Set the kinds of notices that the user who acts also wants by mail."""
    MailChoice.objects.update_or_create(user=actor, defaults={"kinds": sorted(kinds)})
