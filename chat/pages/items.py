"""The part of an item of the library that all kinds share: its address, and whom it is shared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.urls import reverse

from accounts.permissions import Action, allows
from chat.left_behind import is_left_to
from chat.library_access import ITEMS, shared_with, visible_items, with_shares
from chat.models import Access, LibraryItem

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from accounts.models import Membership

Item = TypeVar("Item", bound=LibraryItem)

# The filter of a list, as its address has it.
SHARED_WITH_ME = "me"
_WORDS = {kind: word for word, kind in ITEMS.items()}
_PAGES = {"prompt": "chat:prompt", "table": "chat:table"}


def word_of_item(item: LibraryItem) -> str:
    """Return the word for the kind of an item in addresses."""
    return _WORDS[type(item)]


def address_of_item(item: LibraryItem) -> str:
    slug, word = item.workspace.slug, word_of_item(item)
    if word in _PAGES:
        return reverse(_PAGES[word], args=[slug, item.code])
    return reverse("chat:entry", args=[slug, word, item.code])


def listed_items(kind: type[Item], membership: Membership, shared: str = "") -> QuerySet[Item]:
    """Return the items that a list shows, with what their rows say: all, or those shared with the member.

    Those that everyone sees are not among the latter, since that is most of them.
    """
    items = visible_items(kind, membership).select_related("created_by")
    if shared == SHARED_WITH_ME:
        items = shared_with(kind, membership, items)
    found: Any = with_shares(items)
    return cast("QuerySet[Item]", found)


def shared_in(query: QueryDict) -> str:
    """Return the filter of a list that an address has; empty for all items."""
    return SHARED_WITH_ME if query.get("shared") == SHARED_WITH_ME else ""


def access_note(membership: Membership, item: LibraryItem) -> str:
    """Return what the row of an item says of its access; empty if everyone in the workspace sees it."""
    if item.workspace_access != Access.NONE:
        return ""
    if item.owner_id == membership.user_id:
        return "Shared" if item.has_shares else "Private"
    return f"From {item.owner or 'somebody who has left'}"


def item_context(membership: Membership, item: LibraryItem) -> dict[str, Any]:
    """Return what the head of an item says about its access, and how its owner changes that."""
    is_owner = item.owner_id == membership.user_id
    address = [item.workspace.slug, word_of_item(item), item.code]
    can_edit = allows(membership.role, Action.EDIT_LIBRARY)
    can_take_over = is_left_to(membership, item)
    return {
        "item": item,
        "is_own": is_owner,
        "shared_with": f"{_in_words(membership, item)}{' Its owner has left.' if can_take_over else ''}",
        "share_url": reverse("chat:share_item", args=address) if is_owner and can_edit else "",
        "copy_url": reverse("chat:copy_item", args=address) if can_edit else "",
        "take_over_url": reverse("chat:take_over_item", args=address) if can_take_over else "",
    }


def _in_words(membership: Membership, item: LibraryItem) -> str:
    """Return who has access, in the words of the head."""
    everyone = Access(item.workspace_access)
    if item.owner_id != membership.user_id:
        return _to_others(membership, item, everyone)
    if everyone == Access.WRITE:
        return f"Everyone in {item.workspace} can change it."
    has_shares = item.shares.exists()  # type: ignore[attr-defined]  # all kinds of items have them
    if everyone == Access.READ:
        return f"Everyone in {item.workspace} can read it{', some can change it' if has_shares else ''}."
    return "Shared with the people on your list." if has_shares else "Private: only you can see it."


def _to_others(membership: Membership, item: LibraryItem, everyone: Access) -> str:
    if item.is_writable:
        if everyone == Access.WRITE:
            return f"Everyone in {item.workspace} can change it."
        return "It is shared with you, and you can change it."
    if not allows(membership.role, Action.EDIT_LIBRARY):
        return "Viewers can only read it."
    return "It is shared with you for reading."
