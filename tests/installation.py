"""An installation for tests, with a data folder, a server process and a scripted upstream of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import weakref
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings

from playground.demo.server import shared
from tests import spending
from tests.migrated import copy_migrated
from tests.workers import free_port

EMAIL, PASSWORD = "alice@example.org", "correct horse battery"

# Adds the scripted upstream as a provider, with the demo's models under names of their own.
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

# Evaluates the expressions that come in, one a line: a process that starts takes seconds, an expression none.
_ANSWER_QUERIES = """
import json, sys, traceback
from django.db import connection
from accounts.models import *
from playground.models import *
from chat.models import *
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    try:
        answer = {"value": eval(json.loads(line))}
        text = json.dumps(answer)
    except Exception:
        text = json.dumps({"error": traceback.format_exc()})
    print(text, file=answers, flush=True)
    connection.close()
"""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A data folder on SQLite to copy: tables, catalogue, Alice, and this worker's upstream as a provider."""
    folder = tmp_path_factory.mktemp("prepared")
    copy_migrated(pytestconfig, folder / "playground.sqlite3")
    installation = Installation(folder)
    installation.prepare()
    installation.add_scripted_provider(shared().base_url)
    return folder


class Installation:
    # Those whose database may hold runs that the upstream of this process is asked for.
    started: ClassVar[weakref.WeakSet[Installation]] = weakref.WeakSet()

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.log = folder / "server.log"
        self._server: subprocess.Popen[bytes] | None = None
        self._queries: subprocess.Popen[str] | None = None
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
            # Tests hold answers back for as long as they need.
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

    def copy(self, prepared: Path) -> None:
        """Start from a prepared data folder, in place of :meth:`prepare`."""
        shutil.copytree(prepared, self.environment["DATA_DIR"], dirs_exist_ok=True)

    def query(self, expression: str) -> Any:
        """Evaluate a Python expression in this installation; its value has to be JSON."""
        if self._queries is None:
            self._queries = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", _ANSWER_QUERIES],
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._queries.stdin and self._queries.stdout
        self._queries.stdin.write(json.dumps(expression) + "\n")
        self._queries.stdin.flush()
        line = self._queries.stdout.readline()
        assert line.endswith("\n"), f"The process that answers queries ended with {self._queries.poll()}."
        answer = json.loads(line)
        assert "error" not in answer, f"{expression} failed: {answer['error']}"
        return answer["value"]

    def forget_drafts(self) -> None:
        """Delete what earlier tests chose last, which a new page would start from. For SQLite alone."""
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
        self.started.add(self)

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
        """End the server at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """Ask the server to end, as a deploy does; :meth:`wait` returns when it has."""
        assert self._server is not None
        self._server.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        assert self._server is not None
        self._server.wait(timeout=30)
        self._server = None

    def _end(self, how: signal.Signals) -> None:
        if "DATABASE_URL" in self.environment:
            # The database may be dropped before the calls are checked.
            spending.remember(spending.held_at(self.environment))
        if self._queries is not None:
            self._queries.communicate(timeout=30)
            self._queries = None
        if self._server is not None:
            self._server.send_signal(how)
            self.wait()
