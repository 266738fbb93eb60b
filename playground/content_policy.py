"""The content security policy, for the settings: what browsers may do with our pages."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF


def content_policy(origins: list[str]) -> dict[str, Any]:
    """Return the setting CONTENT_SECURITY_POLICY for the addresses under which browsers find this server."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "media-src": [SELF],
            # Some browsers do not include websockets of the same host in 'self'.
            # A policy cannot name a bare IPv6 address; there 'self' has to do.
            "connect-src": [
                SELF,
                *(origin.replace("http", "ws", 1) for origin in origins if "[" not in origin),
            ],
            "form-action": [SELF],
            # Without it, workers would be allowed as scripts are.
            "worker-src": [NONE],
            "base-uri": [NONE],
            "frame-ancestors": [NONE],
        }
    }
