"""The nonce of OpenID Connect: an ID token counts for the sign-in alone that asked for it.

allauth sends none. State and proof key already tie the answer to the browser; the nonce ties the token to it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse


class ProviderWithNonce(OpenIDConnectProvider):  # type: ignore[misc]
    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Lead to the provider with a new nonce, which is kept with the state of this sign-in."""
        nonce = secrets.token_urlsafe(32)
        parameters = {**(kwargs.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        # allauth keeps parameters that it does not know with the state.
        response: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=parameters, nonce=nonce, **kwargs
        )
        return response


def has_its_nonce(id_token: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Tell whether a token was made for the sign-in of this state.

    OpenID Connect Core 3.1.3.7: whoever sent a nonce refuses a token without it.
    """
    asked, answered = state.get("nonce"), id_token.get("nonce")
    return (
        bool(asked)
        and isinstance(answered, str)
        and secrets.compare_digest(answered.encode("utf-8", "surrogatepass"), str(asked).encode())
    )
