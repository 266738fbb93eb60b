"""An installation of this project with one third-party server as a provider, driven through its pages."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from tests.installation import Installation
    from tests.third_party.servers import Server

# Adds the provider with its model and key, and every endpoint that the server has.
_ADD = """
from accounts.flows.save_key import save_key
from accounts.models import User, Workspace
from playground.catalogue import generic
from playground.catalogue.store_endpoints import store_endpoint
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import UpstreamModel
workspace, user = Workspace.objects.get(), User.objects.get()
provider = add_provider(workspace, {name!r}, {base_url!r}, needs_key={needs_key}, actor=user)
add_models(provider, [{model!r}], actor=user)
for kind in {endpoints!r}:
    store_endpoint(provider.models.get(), kind, generic.generic_schema(kind), source=generic.SOURCE)
if {key!r}:
    save_key(workspace, provider.code, {key!r}, member=None, actor=user)
"""

_RUN = (
    "(lambda run, exchange: {'code': str(run.code), 'status': run.status, 'error': run.error,"
    " 'finish': run.finish_reason, 'text': run.answer.text, 'message': str(run.answer.code),"
    " 'calls': run.answer.data.get('tool_calls') or [],"
    " 'raw': __import__('base64').b64encode(exchange.stream.data).decode() if exchange else ''})"
    "(*(lambda run: (run, run.exchanges.last()))(Run.objects.select_related('answer').latest('pk')))"
)
_STATUS = "Run.objects.latest('pk').status"


@dataclass(frozen=True)
class Ended:
    """A run that ended: its stored answer and the raw bytes that it came from."""

    code: str
    status: str
    error: dict[str, Any] | None
    finish: str
    text: str
    message: str
    calls: list[dict[str, Any]]
    raw: bytes


class Site:
    def __init__(self, installation: Installation, server: Server, address: str) -> None:
        self.installation = installation
        installation.manage(
            *("shell", "-v", "0", "-c"),
            _ADD.format(
                name=server.name,
                base_url=f"{address}/v1",
                needs_key=bool(server.key),
                model=server.model,
                endpoints=list(server.endpoints),
                key=server.key,
            ),
        )
        self.visitor = Visitor(installation)
        self.visitor.sign_in()

    def send(self, endpoint: str, text: str, *, path: str = "", **fields: Any) -> str:
        """Send a prompt, in the conversation at ``path`` or in a new one; return the conversation's path."""
        number = self.installation.query(
            f"Endpoint.objects.get(kind={endpoint!r}, model__provider__workspace__isnull=False).pk"
        )
        data = {"text": text, "idempotency_key": str(uuid.uuid4()), "endpoint": number, **fields}
        answer = self._post(f"{path}send/" if path else "/w/acme-research/send/", data)
        assert answer.status_code == 200, f"refused: {_words(answer.text)}"
        return path or answer.headers["HX-Redirect"]

    def answered(self) -> Ended:
        """Wait for the latest run to end."""
        deadline = time.monotonic() + 60
        while self.installation.query(_STATUS) in {"queued", "running"}:
            assert time.monotonic() < deadline, "the run did not end within a minute"
            time.sleep(0.1)
        found = self.installation.query(_RUN)
        return Ended(**found | {"raw": base64.b64decode(found["raw"])})

    def stop(self) -> None:
        """Stop the latest run after its first words."""
        deadline = time.monotonic() + 30
        code = self.installation.query("str(Run.objects.latest('pk').code)")
        while self.installation.query(_STATUS) == "queued" and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        self.visitor.stop(code, self.installation)

    def upload(self, name: str, content: bytes, kind: str) -> str:
        """Upload a file; return its code."""
        headers = {"X-CSRFToken": self.visitor.http.cookies["csrftoken"]}
        answer = self.visitor.http.post(
            "/w/acme-research/files/upload/", files={"file": (name, content, kind)}, headers=headers
        )
        found = re.search(r'name="attachments" value="([0-9a-f-]{36})"', answer.text)
        assert found, f"the upload was refused: {_words(answer.text)}"
        return found[1]

    def return_results(self, ended: Ended, result: str) -> None:
        data = {"idempotency_key": str(uuid.uuid4())}
        data |= {f"result-{place}-text": result for place, _ in enumerate(ended.calls, 1)}
        answer = self._post(f"/m/{ended.message}/results/", data)
        assert answer.status_code == 200, f"the results were refused: {_words(answer.text)}"

    def replayed(self, ended: Ended) -> str:
        """Return the text that a replay of the kept answer gives."""
        return str(json.loads(self.installation.manage("replay_stream", "--run", ended.code))["content"])

    def _post(self, path: str, data: dict[str, Any]) -> Any:
        headers = {"X-CSRFToken": self.visitor.http.cookies["csrftoken"]}
        return self.visitor.http.post(path, data=data, headers=headers)


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())[:300]
