"""Identity providers that people sign in with (OpenID Connect), as OIDC_PROVIDERS describes them.

What a provider says about a person are claims. This module decides what follows from them: whether the
person may join, in which role, and in which groups. It knows no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# From the most rights to the fewest; equal to the values of accounts.models.Role, which loads the database.
ROLES = ("owner", "admin", "member", "viewer")


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An identity provider. ``code`` names it in addresses and in the database, ``name`` on pages."""

    code: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    # People whose confirmed address is in one of these domains join, as do those with one of the values of
    # ``join`` in their claims.
    domains: frozenset[str] = frozenset()
    join: frozenset[str] = frozenset()
    # The claims whose values are looked at.
    claims: tuple[str, ...] = ("groups",)
    # The slug of the workspace; the first one if it is empty.
    workspace: str = ""
    role: str = "member"
    roles: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def values_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Return the values of the named claims: of texts, numbers, truth values and lists of them."""
        found = (value for name in self.claims for value in _values(_claim(claims, name)))
        return frozenset(found)

    def lets_join(self, address: str, values: frozenset[str]) -> bool:
        """Tell whether somebody with this confirmed address and these values may join."""
        return domain_of(address) in self.domains or not self.join.isdisjoint(values)

    def role_for(self, values: frozenset[str]) -> str | None:
        """Return the highest role that the values stand for, else the usual one; None if none is mapped."""
        if not self.roles:
            return None
        mapped = {self.roles[value] for value in values & self.roles.keys()}
        return next((role for role in ROLES if role in mapped), self.role)

    def groups_for(self, values: frozenset[str]) -> dict[str, bool]:
        """Return the names of all mapped groups, and of each whether the person belongs to it."""
        inside = {self.groups[value] for value in values & self.groups.keys()}
        return {name: name in inside for name in self.groups.values()}


def domain_of(address: str) -> str:
    """Return the domain of an e-mail address as domains are compared: in lower case, with ASCII letters.

    >>> domain_of("ada@EXAMPLE.com"), domain_of("ada@bücher.example"), domain_of("ada")
    ('example.com', 'xn--bcher-kva.example', '')
    """
    domain = address.rpartition("@")[2] if "@" in address else ""
    try:
        return domain.lower().encode("idna").decode()
    except UnicodeError:
        return ""


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by a path such as "realm_access.roles"."""
    found: Any = claims
    if name in claims:
        return claims[name]
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _values(claim: Any) -> list[str]:
    if isinstance(claim, list):
        return [value for each in claim if not isinstance(each, list) for value in _values(each)]
    if isinstance(claim, bool):
        return [str(claim).lower()]
    return [str(claim)] if isinstance(claim, str | int) else []


def for_allauth(providers: tuple[IdentityProvider, ...]) -> dict[str, Any]:
    """Return the providers as allauth's setting SOCIALACCOUNT_PROVIDERS has them."""
    apps = [
        {
            "provider_id": provider.code,
            "name": provider.name,
            "client_id": provider.client_id,
            "secret": provider.client_secret,
            "settings": {
                "server_url": provider.issuer,
                "oauth_pkce_enabled": True,
                "scope": ["openid", "profile", "email", *provider.scopes],
            },
        }
        for provider in providers
    ]
    return {"openid_connect": {"APPS": apps}}
