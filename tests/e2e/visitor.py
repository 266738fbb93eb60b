"""A client without scripts that signs in, sends prompts and keeps its session."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx

from tests.installation import EMAIL, PASSWORD

if TYPE_CHECKING:
    from tests.installation import Installation


class Visitor:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._endpoints: dict[str, int] = {}
        self.http = httpx.Client(
            base_url=installation.origin,
            headers={"HX-Request": "true", "Origin": installation.origin},
            timeout=30,
            # Not every test closes its visitor, and a kept connection would be an open socket at the end.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def sign_in(self) -> None:
        self.http.get("/sign-in/")
        # The form is sent without htmx, which allauth answers with JSON.
        signed_in = self._post("/sign-in/", {"login": EMAIL, "password": PASSWORD}, htmx=False)
        assert signed_in.status_code == 302, signed_in.text

    def sign_out(self) -> None:
        signed_out = self._post("/sign-out/", {}, htmx=False)
        assert signed_out.status_code == 302, signed_out.text

    def start(self, text: str, model_id: str, **parameters: str) -> str:
        """Open a conversation with its first prompt; return its path."""
        if model_id not in self._endpoints:
            self._endpoints[model_id] = self.installation.query(
                f"Endpoint.objects.get(model__model_id='{model_id}', model__provider__code='scripted').pk"
            )
        data = {
            "text": text,
            "idempotency_key": str(uuid.uuid4()),
            "endpoint": self._endpoints[model_id],
            **parameters,
        }
        response = self._post("/w/acme-research/send/", data)
        assert response.status_code == 200, response.text
        return response.headers["HX-Redirect"]

    def choose(self, model_id: str, query: str) -> None:
        """Ask that model at the endpoint whose key this query returns."""
        self._endpoints[model_id] = self.installation.query(query)

    def stop(self, run: str, server: Installation) -> None:
        """Stop a run through that server, which need not be the one that relays it."""
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Origin": server.origin}
        stopped = self.http.post(f"{server.origin}/r/{run}/stop/", headers=headers)
        assert stopped.status_code == 204, stopped.text

    def _post(self, path: str, data: dict[str, Any], *, htmx: bool = True) -> httpx.Response:
        token = self.http.cookies["csrftoken"]
        headers = {"X-CSRFToken": token} | ({} if htmx else {"HX-Request": "false"})
        return self.http.post(path, data=data, headers=headers)
