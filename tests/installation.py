"""A whole installation for tests: its own data folder, its own server process, a scripted upstream."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings

EMAIL, PASSWORD = "alice@example.org", "correct horse battery"

# Adds the scripted upstream as a provider: the demo's models under names of their own.
_ADD_PROVIDER = """
from playground.models import Endpoint, Provider, UpstreamModel
provider, _ = Provider.objects.get_or_create(
    code="scripted", defaults={"name": "Scripted", "needs_key": False, "base_url": "%s"})
Provider.objects.filter(pk=provider.pk).update(base_url="%s")
for model in UpstreamModel.objects.filter(provider__code="demo").prefetch_related("endpoints"):
    endpoints = list(model.endpoints.all())
    model.pk, model.provider, model.position = None, provider, model.position + 500
    model.name = "Scripted " + model.name
    model.save()
    for endpoint in endpoints:
        endpoint.pk, endpoint.model = None, model
        endpoint.save()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Installation:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.log = folder / "server.log"
        self._server: subprocess.Popen[bytes] | None = None
        kept = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        self.environment = {
            **kept,
            "DATA_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ADMIN_EMAIL": EMAIL,
            "ADMIN_PASSWORD": PASSWORD,
            "WORKSPACE_NAME": "Acme Research",
            "ALLOWED_PRIVATE_UPSTREAMS": "127.0.0.1/32",
            # Tests hold answers back for as long as they like.
            "DRAIN_SECONDS": "0",
            **environment,
        }

    def manage(self, *words: str) -> str:
        """Run a management command of this installation and return what it printed."""
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            env=self.environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def prepare(self) -> None:
        self.manage("prepare")

    def add_scripted_provider(self, base_url: str) -> None:
        self.manage("shell", "-v", "0", "-c", _ADD_PROVIDER % (base_url, base_url))

    def query(self, expression: str) -> Any:
        """Evaluate a Python expression in this installation; its value has to be JSON."""
        imports = "".join(f"from {app}.models import *\n" for app in ("accounts", "playground", "chat"))
        code = f"import json\n{imports}print(json.dumps({expression}))"
        return json.loads(self.manage("shell", "-v", "0", "-c", code))

    def forget_drafts(self) -> None:
        """What an earlier test chose last is not what the next one starts from. For SQLite alone."""
        database = sqlite3.connect(Path(self.environment["DATA_DIR"]) / "playground.sqlite3", timeout=30)
        with closing(database), database:
            database.execute("DELETE FROM chat_draft")

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._server is not None and self._server.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.origin}/sign-in/", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"The server did not come up: {self.log.read_text()}")

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """As a deploy does; what it still has to do it does until :meth:`wait` returns."""
        assert self._server is not None
        self._server.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        assert self._server is not None
        self._server.wait(timeout=30)
        self._server = None

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self.wait()
