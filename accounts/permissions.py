"""The permissions of roles: one table, the only place that decides them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable


class Action(StrEnum):
    READ = "read"
    SEND = "send"
    OWN_KEY = "own_key"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_OWNERS = "manage_owners"
    MANAGE_KEYS = "manage_keys"
    MANAGE_LIMITS = "manage_limits"
    MANAGE_PROVIDERS = "manage_providers"
    MANAGE_MODELS = "manage_models"
    SEE_USAGE = "see_usage"
    CORRECT_COSTS = "correct_costs"
    MANAGE_WORKSPACE = "manage_workspace"
    SEE_AUDIT = "see_audit"
    SET_RETENTION = "set_retention"
    DELETE_WORKSPACE = "delete_workspace"
    SET_FACTOR_RULE = "set_factor_rule"
    EDIT_LIBRARY = "edit_library"


_EVERYBODY = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER})
_WRITERS = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})

ROLES: dict[Action, frozenset[Role]] = {
    Action.READ: _EVERYBODY,
    Action.SEND: _WRITERS,
    # A personal key in this workspace, for the member's own runs.
    Action.OWN_KEY: _WRITERS,
    Action.MANAGE_PEOPLE: _ADMINS,
    # Making a member an owner, and changing or removing owners.
    Action.MANAGE_OWNERS: frozenset({Role.OWNER}),
    Action.MANAGE_KEYS: _ADMINS,
    Action.MANAGE_LIMITS: _ADMINS,
    Action.MANAGE_PROVIDERS: _ADMINS,
    # Deciding which models the workspace offers, to which roles, under which name and at which price.
    Action.MANAGE_MODELS: _ADMINS,
    Action.SEE_USAGE: _ADMINS,
    # Correcting what runs have cost, by hand or by what the provider says.
    Action.CORRECT_COSTS: _ADMINS,
    # Changing its name and what holds for all its conversations.
    Action.MANAGE_WORKSPACE: _ADMINS,
    # Reading and exporting the audit log.
    Action.SEE_AUDIT: _ADMINS,
    # An admin who could shorten it could hide what they did.
    Action.SET_RETENTION: frozenset({Role.OWNER}),
    # Deleting and restoring it.
    Action.DELETE_WORKSPACE: frozenset({Role.OWNER}),
    # The rule keeps admins out as well as others.
    Action.SET_FACTOR_RULE: frozenset({Role.OWNER}),
    # Writing prompts, tools, output schemas and test tables, as far as their owners share them.
    Action.EDIT_LIBRARY: _WRITERS,
}


def allows(role: str, action: Action) -> bool:
    """Tell whether a role permits an action. An unknown role permits nothing."""
    return role in ROLES[action]


def may_create_workspace(roles: Iterable[str]) -> bool:
    """Tell whether somebody with these roles, one in each of their workspaces, may create another one."""
    if settings.CREATE_WORKSPACES == "ADMINS":
        return any(allows(role, Action.MANAGE_WORKSPACE) for role in roles)
    return bool(settings.CREATE_WORKSPACES == "EVERYBODY")


def roles_above(role: str) -> frozenset[str]:
    """Return the roles with more rights than this one; all roles, for an unknown one."""
    roles = list(Role.values)
    return frozenset(roles[: roles.index(role)] if role in roles else roles)


def people_in_words(lowest_role: str, others: Iterable[str] = ()) -> str:
    """Name those whom something is for: all from a role upwards, and groups and people by name.

    >>> people_in_words("admin", ["Research"]), people_in_words("viewer", ["Research"])
    ('admins, owners and Research', 'everybody')
    >>> people_in_words("", ["Ada", "Bob"]), people_in_words("owner"), people_in_words("")
    ('Ada and Bob', 'owners', 'nobody')
    """
    if lowest_role == Role.VIEWER:
        return "everybody"
    *above, lowest = list(Role)[: list(Role).index(Role(lowest_role)) + 1] if lowest_role else [None]
    roles = [f"{role.label.lower()}s" for role in (lowest, *reversed(above)) if role is not None]
    *names, last = [*roles, *others] or ["nobody"]
    return f"{', '.join(names)} and {last}" if names else last
