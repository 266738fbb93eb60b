from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from accounts.permissions import Action, allows
from chat.library_access import writable_items
from chat.models import Tool

if TYPE_CHECKING:
    from accounts.models import Membership, User

MAX_EXAMPLES = 20
MOST_CHARACTERS = 100_000


@transaction.atomic
def save_example(membership: Membership, tool: str, name: str, text: str, *, actor: User) -> bool:
    """Save a result as an example of the tool of that name; return whether the library has room for it.

    An example of the same name is replaced. Without such a tool that the member may change, nothing is
    stored.
    """
    if not allows(membership.role, Action.EDIT_LIBRARY) or len(text) > MOST_CHARACTERS:
        return False
    tools = writable_items(Tool, membership).filter(name=tool)
    found = tools.select_for_update().order_by("pk").first()
    if found is None:
        return False
    others = [each for each in found.examples if each["name"] != name]
    if len(others) >= MAX_EXAMPLES:
        return False
    examples = [*others, {"name": name, "text": text}]
    Tool.objects.filter(pk=found.pk).update(examples=examples, version=F("version") + 1, updated_at=now())
    return True
