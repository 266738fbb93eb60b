"""A filter for permissions: links are shown by the table that also guards their pages."""

from __future__ import annotations

from django import template

from accounts.models import Membership
from accounts.permissions import Action, allows

register = template.Library()


@register.filter
def may(membership: object, action: str) -> bool:
    """Tell whether a member's role permits an action; without a membership nothing is permitted.

    ``{% if membership|may:"manage_providers" %}``
    """
    return isinstance(membership, Membership) and allows(membership.role, Action(action))
