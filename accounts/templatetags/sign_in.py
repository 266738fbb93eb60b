"""The ways to sign in that this server offers, for its sign-in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.conf import settings

if TYPE_CHECKING:
    from accounts.identity_providers import IdentityProvider

register = template.Library()


@register.simple_tag
def identity_providers() -> tuple[IdentityProvider, ...]:
    found: tuple[IdentityProvider, ...] = settings.IDENTITY_PROVIDERS
    return found


@register.simple_tag
def passwords_are_on() -> bool:
    """Tell whether everybody may sign in with a password, not the one account of the settings alone."""
    return bool(settings.PASSWORD_SIGN_IN)


@register.simple_tag
def may_anybody_sign_up() -> bool:
    return settings.SIGN_UP in {"DOMAIN", "OPEN"}


@register.simple_tag
def has_mail() -> bool:
    return bool(settings.HAS_MAIL)
