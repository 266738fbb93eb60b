"""Sockets of one person that send as many large commands as they can, and pages that others ask for.

python -m bench.inbound_flood [--smoke] [--sockets 4] [--seconds 30]

Prints ``name value unit`` lines: what the server's memory grows by at most, how long another page takes
before and during the flood, and how many commands left. A socket that the server closes comes back at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from bench.figures import percentile, report
from bench.installation import Installation, upstream
from bench.processes import Child
from bench.sockets import Person

_COMMAND_BYTES = 16 * 1024
_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = 3.0


def command(conversation: str) -> str:
    """Return a hello of 16 KB."""
    hello = {"type": "hello", "threads": [{"code": conversation, "head": "", "cursors": {}}], "padding": ""}
    return json.dumps(hello | {"padding": "x" * (_COMMAND_BYTES - len(json.dumps(hello)))})


class Flood:
    """Sockets that send without a pause and read nothing."""

    def __init__(self, origin: str, person: Person) -> None:
        self._origin = origin
        self._person = person
        self.sent = 0
        self.opened = 0

    async def keep(self) -> None:
        """Open a socket and fill it, again after each close."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    f"{self._origin.replace('http', 'ws', 1)}/ws/c/{self._person.conversation}/",
                    origin=Origin(self._origin),
                    additional_headers={"Cookie": self._person.cookies()},
                    compression=None,
                    close_timeout=1,
                ) as socket:
                    self.opened += 1
                    await self._fill(socket)

    async def _fill(self, socket: ClientConnection) -> None:
        text = command(self._person.conversation)
        while True:
            await socket.send(text)
            self.sent += 1


async def page_times(origin: str, person: Person, seconds: float) -> list[float]:
    """Ask for a page again and again; return the milliseconds of each answer."""
    times: list[float] = []
    until = time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            started = time.perf_counter()
            answer = await client.get(
                f"{origin}/c/{person.conversation}/", headers={"Cookie": person.cookies()}
            )
            if answer.status_code != 200:
                raise RuntimeError(f"The page was answered with {answer.status_code}.")
            times.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(_LOOK_SECONDS)
    return times


async def most_memory(server: Child) -> float:
    """Watch the server until this is cancelled, and return its largest resident memory in MB."""
    most = server.memory_mb
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            most = max(most, server.memory_mb)
    return most


def report_times(name: str, times: list[float]) -> None:
    for share in (50, 95):
        report(f"inbound_flood.page_{name}.p{share}", percentile(times, share / 100), "ms")


async def measure_flood(installation: Installation, server: Child, sockets: int, seconds: float) -> None:
    attacker, other = installation.take(2)
    report_times("before", await page_times(installation.origin, other, seconds / 3))
    before = server.memory_mb
    watching = asyncio.create_task(most_memory(server))
    flood = Flood(installation.origin, attacker)
    flooding = [asyncio.create_task(flood.keep()) for _ in range(sockets)]
    report_times("during", await page_times(installation.origin, other, seconds))
    for task in (*flooding, watching):
        task.cancel()
    await asyncio.gather(*flooding, return_exceptions=True)
    report(f"inbound_flood.{sockets}.memory_grown", await watching - before, "MB")
    report(f"inbound_flood.{sockets}.sent", flood.sent, "commands")
    report(f"inbound_flood.{sockets}.opened", flood.opened, "sockets")
    await asyncio.sleep(min(_SETTLE_SECONDS, seconds))
    report_times("after", await page_times(installation.origin, other, min(_SETTLE_SECONDS, seconds)))


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of half a minute")
    arguments.add_argument("--sockets", type=int, default=4, help="sockets of the one person (at most 100)")
    arguments.add_argument("--seconds", type=float, help="how long they send (at most 300)")
    given = arguments.parse_args(words)
    seconds = min(given.seconds or (3 if given.smoke else 30), 300)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(2, ["demo/plain"])
        server = stack.enter_context(installation.serving())
        asyncio.run(measure_flood(installation, server, min(given.sockets, 100), seconds))


if __name__ == "__main__":
    main()
