from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


def rename_user(name: str, *, actor: User) -> None:
    """Change the name under which others see the user who acts."""
    actor.name = name
    actor.save(update_fields=["name"])
