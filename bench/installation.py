"""A fresh installation of the product to measure, and its upstream."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.processes import Child, environment, free_port, run, running, wait_for
from bench.sockets import Person

_COUNT_WHOLE = """
from chat.models import Message
texts = Message.objects.filter(role="assistant", conversation__code__in=%r).values_list("text", flat=True)
wanted = [f"w{place}" for place in range(%d)]
print(sum([word.partition("@")[0] for word in text.split()] == wanted for text in texts))
"""


@contextmanager
def upstream(folder: Path) -> Iterator[str]:
    """Run the demo upstream as a process of its own; yield its base URL."""
    words = ["manage.py", "demo_upstream", "--port", "0"]
    with running(words, environment(DATA_DIR=str(folder / "upstream")), folder / "upstream.log") as child:
        line = child.line()
        if "http" not in line:
            raise RuntimeError(f"The upstream did not start: {line}")
        yield line.split()[-1]


def shared_services() -> dict[str, str]:
    """Return the variables of the database and the Redis that the environment names for measurements."""
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}


class Installation:
    """The product in a folder of its own, with people who each have a conversation."""

    def __init__(self, folder: Path, base_url: str, **variables: str) -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.endpoints: dict[str, int] = {}
        self.start_seconds = 0.0
        self._base_url = base_url
        self._log = folder / "server.log"
        self._people: list[Person] = []
        self._variables = environment(
            DATA_DIR=str(folder / "data"),
            HOST="127.0.0.1",
            PORT=str(self.port),
            ALLOWED_PRIVATE_UPSTREAMS="127.0.0.1/32",
            **variables,
        )

    def prepare(self, people: int, models: list[str], messages: int = 0, more: Sequence[str] = ()) -> None:
        """Fill the installation; the first person's conversation gets ``messages`` messages.

        ``more`` are further options of :mod:`bench.populate`.
        """
        words = ["--people", str(people), "--base-url", self._base_url, "--messages", str(messages), *more]
        made = self.fill("bench.populate", *words, *(f"--model={model}" for model in models))
        self.endpoints = made["endpoints"]
        self._people = [Person(**one) for one in made["readers"]]

    def fill(self, module: str, *words: str) -> dict[str, Any]:
        """Prepare the installation and run a module inside of it that adds data and prints JSON."""
        run(["manage.py", "prepare"], self._variables)
        return dict(json.loads(run(["-m", module, *words], self._variables)))

    @contextmanager
    def serving(self, *words: str) -> Iterator[Child]:
        with running(list(words) or ["manage.py", "serve"], self._variables, self._log) as server:
            self.start_seconds = wait_for(f"{self.origin}/", server)
            yield server

    @contextmanager
    def serving_also(self) -> Iterator[str]:
        """Run a second server process on the same database; yield its origin."""
        port = free_port()
        with running(["manage.py", "serve"], {**self._variables, "PORT": str(port)}, self._log) as server:
            wait_for(f"http://localhost:{port}/", server)
            yield f"http://localhost:{port}"

    def take(self, count: int) -> list[Person]:
        """Return people who have not sent anything yet."""
        taken, self._people = self._people[:count], self._people[count:]
        return taken

    def stored(self, people: list[Person], tokens: int) -> int:
        """Count their answers that are stored with every word, once and in order."""
        codes = [person.conversation for person in people]
        counted = run(
            ["manage.py", "shell", "-v", "0", "-c", _COUNT_WHOLE % (codes, tokens)], self._variables
        )
        return int(counted.split()[-1])
