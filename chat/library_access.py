"""The only way from an id to a prompt, a tool, an output schema or a test table: 404 without access to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.http import Http404

from accounts.access import require
from accounts.models import Group
from accounts.permissions import Action, allows
from chat.models import (
    Access,
    LibraryItem,
    OutputSchema,
    Prompt,
    PromptShare,
    SchemaShare,
    TableOfCases,
    TableShare,
    Tool,
    ToolShare,
)

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from accounts.models import Membership
    from chat.models import LibraryEntry

Item = TypeVar("Item", bound=LibraryItem)

SHARES: dict[type[LibraryItem], type[Model]] = {
    Prompt: PromptShare,
    Tool: ToolShare,
    OutputSchema: SchemaShare,
    TableOfCases: TableShare,
}
# The kinds of tools and output schemas, and of all items, by the words in their addresses.
ENTRIES: dict[str, type[LibraryEntry]] = {"tool": Tool, "schema": OutputSchema}
ITEMS: dict[str, type[LibraryItem]] = {**ENTRIES, "prompt": Prompt, "table": TableOfCases}


def visible_items(
    kind: type[Item], membership: Membership, among: QuerySet[Item] | None = None
) -> QuerySet[Item]:
    """Return a member's own items, and those shared with them, a group of theirs or the workspace."""
    items = kind._default_manager.all() if among is None else among
    readable = Q(created_by=membership.user_id) | ~Q(workspace_access=Access.NONE)
    return items.filter(readable | Q(pk__in=_held(kind, membership)), workspace=membership.workspace_id)


def with_writable(items: QuerySet[Item], membership: Membership) -> QuerySet[Item]:
    """Set ``is_writable``: whether the member may change an item, and not only read it."""
    may_write: Any = Value(False)
    if allows(membership.role, Action.EDIT_LIBRARY):
        held = _held(items.model, membership, can_write=True)
        writable = Q(created_by=membership.user_id) | Q(workspace_access=Access.WRITE) | Q(pk__in=held)
        may_write = ExpressionWrapper(writable, BooleanField())
    found: Any = items.annotate(is_writable=may_write)
    return cast("QuerySet[Item]", found)


def writable_items(
    kind: type[Item], membership: Membership, among: QuerySet[Item] | None = None
) -> QuerySet[Item]:
    """Return the items that a member may change."""
    found: Any = with_writable(visible_items(kind, membership, among), membership)
    return cast("QuerySet[Item]", found.filter(is_writable=True))


def shared_with(kind: type[Item], membership: Membership, items: QuerySet[Item]) -> QuerySet[Item]:
    """Keep the items of others that are shared with the member or a group of theirs, one by one."""
    return items.filter(pk__in=_held(kind, membership)).exclude(created_by=membership.user_id)


def with_shares(items: QuerySet[Item]) -> QuerySet[Item]:
    """Set ``has_shares``: whether an item is shared with anybody one by one."""
    shares = SHARES[items.model]._default_manager.filter(item=OuterRef("pk"))
    found: Any = items.annotate(has_shares=Exists(shares))
    return cast("QuerySet[Item]", found)


def _held(kind: type[LibraryItem], membership: Membership, **only: bool) -> QuerySet[Any, Any]:
    groups = Group.members.through.objects.filter(membership_id=membership.pk)
    held = Q(member=membership.pk) | Q(group__in=groups.values("group_id"))
    return SHARES[kind]._default_manager.filter(held, **only).values("item")


def access_to_item(item: LibraryItem, membership: Membership) -> str:
    """Return the access that a member has, the widest one that was given, whatever their role allows."""
    if item.owner_id == membership.user_id or item.workspace_access == Access.WRITE:
        return Access.WRITE
    given = _held(type(item), membership).filter(item=item.pk).values_list("can_write", flat=True)
    if not given:
        return item.workspace_access
    return Access.WRITE if any(given) else Access.READ


def get_item_for(
    kind: type[Item],
    membership: Membership,
    code: UUID,
    action: Action = Action.READ,
    among: QuerySet[Item] | None = None,
) -> Item:
    """Find an item that a member may read, and check that they may do ``action`` with it.

    :raises Http404: there is no such item, or the member has no access to it.
    :raises PermissionDenied: they may read it, but neither their role nor a share allows more.
    """
    found = with_writable(visible_items(kind, membership, among), membership)
    item = found.select_related("created_by", "workspace").filter(code=code).first()
    if item is None:
        raise Http404
    require(membership, action)
    if action == Action.EDIT_LIBRARY:
        require_writable(membership, item)
    return item


def can_edit_item(membership: Membership, item: LibraryItem | None) -> bool:
    """Tell whether a member may change an item that was found for them, or make one, without an item."""
    return allows(membership.role, Action.EDIT_LIBRARY) if item is None else item.is_writable


def require_writable(membership: Membership, item: LibraryItem) -> None:
    """
    :raises PermissionDenied: the member may only read an item that was found for them.
    """
    require(membership, Action.EDIT_LIBRARY)
    if not item.is_writable:
        raise PermissionDenied


def get_own_item_for(membership: Membership, word: str, code: UUID) -> LibraryItem:
    """Find an item that belongs to the member: to share it.

    :raises PermissionDenied: the member may read it, but it belongs to somebody else.
    """
    if word not in ITEMS:
        raise Http404
    item: LibraryItem = get_item_for(ITEMS[word], membership, code)
    require(membership, Action.EDIT_LIBRARY)
    if item.created_by_id != membership.user_id:
        raise PermissionDenied
    return item


def get_prompt_for(
    membership: Membership, code: UUID, action: Action = Action.READ, *, with_deleted: bool = False
) -> Prompt:
    """Find a stored prompt. It raises the errors of :func:`get_item_for`."""
    among = Prompt.with_deleted.all() if with_deleted else None
    return get_item_for(Prompt, membership, code, action, among)


def library_kind(word: str) -> type[LibraryEntry]:
    """
    :raises Http404: there is no such kind of entry.
    """
    if word not in ENTRIES:
        raise Http404
    return ENTRIES[word]


def get_entry_for(
    membership: Membership, word: str, code: UUID, action: Action = Action.READ
) -> LibraryEntry:
    """Find a tool or an output schema. It raises the errors of :func:`get_item_for`."""
    entry: LibraryEntry = get_item_for(library_kind(word), membership, code, action)
    return entry
