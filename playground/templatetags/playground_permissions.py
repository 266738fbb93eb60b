"""Who may see a link: the same table that decides who may follow it."""

from __future__ import annotations

from django import template

from accounts.models import Membership
from accounts.permissions import Action, allows

register = template.Library()


@register.filter
def may(membership: object, action: str) -> bool:
    """``{% if membership|may:"manage_providers" %}``; nobody may anything without a membership."""
    return isinstance(membership, Membership) and allows(membership.role, Action(action))
