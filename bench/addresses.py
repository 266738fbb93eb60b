"""Addresses of every page of the product, for a team whose objects are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLResolver

# The pages that need no sign-in, by their names or the beginnings of them.
_FOR_STRANGERS = (
    "account_",
    "openid_connect_",
    "join",
    "reset_password",
    "confirm_address",
    "finish_sign_up",
    "public_snapshot",
    "public_file",
)
# The object that a parameter names, by the beginning of the address; the first that fits counts.
_OBJECTS = (
    ("profile/security/passkeys/", "pk", "passkey"),
    ("profile/security/sessions/", "code", "session_code"),
    ("profile/identities/", "provider_id", "identity_provider"),
    ("w/<slug:slug>/people/", "number", "membership"),
    ("w/<slug:slug>/people/", "code", "invitation"),
    ("w/<slug:slug>/groups/", "code", "group"),
    ("w/<slug:slug>/limits/raises/", "code", "raise"),
    ("w/<slug:slug>/limits/requests/", "code", "request"),
    ("w/<slug:slug>/limits/", "code", "limit"),
    ("w/<slug:slug>/notices/", "code", "notice"),
    ("w/<slug:slug>/mail/", "code", "mail"),
    ("w/<slug:slug>/usage/runs/", "code", "entry"),
    ("w/<slug:slug>/usage/charges/<uuid:", "code", "difference"),
    ("w/<slug:slug>/usage/charges/", "code", "capping"),
    ("w/<slug:slug>/usage/charges/", "word", "kind"),
    ("w/<slug:slug>/capped-keys/", "provider", "capping"),
    ("w/<slug:slug>/capped-keys/", "code", "capped"),
    ("w/<slug:slug>/tools/", "code", "tool"),
    ("w/<slug:slug>/prompts/", "code", "prompt"),
    ("w/<slug:slug>/tables/", "code", "table"),
    ("w/<slug:slug>/tables/<uuid:code>/experiments/", "number", "experiment"),
    ("w/<slug:slug>/tables/", "number", "case"),
    ("w/<slug:slug>/", "code", "provider"),
    ("w/<slug:slug>/", "number", "model"),
    ("c/", "code", "conversation"),
    ("compare/", "code", "comparison"),
    ("column/", "code", "column"),
    ("q/", "code", "queued"),
    ("m/", "code", "message"),
    ("f/", "code", "file"),
    ("r/", "code", "run"),
    ("r/", "number", "exchange"),
)


def every_address(objects: Mapping[str, str]) -> dict[str, str]:
    """Return the address of each URL pattern by its name, filled in with these objects.

    A new page is among them by itself. A parameter that is not in ``_OBJECTS`` has the object of its name.
    """
    from django.urls import get_resolver

    found = {}
    for name, route, parameters in _patterns(get_resolver()):
        if name.startswith(_FOR_STRANGERS):
            continue
        address = route
        for parameter, converter in parameters.items():
            value = objects[_object_of(route, parameter)]
            address = address.replace(f"<{converter}:{parameter}>", value)
        found[name] = f"/{address}"
    return found


def _patterns(resolver: URLResolver) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the name, the route and the converters of each pattern; all routes of ours stand in one list."""
    from django.urls import URLResolver

    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
            continue
        route = str(pattern.pattern)
        words = [part.partition(">")[0].partition(":") for part in route.split("<")[1:]]
        yield pattern.name or route, route, {parameter: converter for converter, _, parameter in words}


def _object_of(route: str, parameter: str) -> str:
    for start, its_parameter, name in _OBJECTS:
        if route.startswith(start) and parameter == its_parameter:
            return name
    return parameter
