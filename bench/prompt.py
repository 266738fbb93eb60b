"""The cost of a prompt for the server, and the time from Send to the first token and to the stored answer.

python -m bench.prompt [--smoke] [--prompts 100] [--streams 20] [--list]

With DATABASE_URL and REDIS_URL on those, which must be ones that may be filled; else on a fresh SQLite file.
Prints ``name value unit`` lines. People have a conversation of some messages open, with its socket, and send
one prompt after the other as the page does, to a model with the parameters of a real one. Answers are short,
so that nearly all of the cost is the prompt's: sending, opening the run, the first frame and the end. What
the server does without prompts (nothing, or the other streams) is measured before and taken off. Statements
and the steps come from a second server, whose notes cost time; ``--list`` prints the statements.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from bench.figures import percentile, report
from bench.installation import Installation, shared_services, upstream
from bench.page_form import PageForm
from bench.processes import Child
from bench.reader import Reader
from bench.sockets import CSRF, Person, Watched, read_frames, send_all

_TOKENS = 5
_MODEL = f"scripted/paced?rate=50&tokens={_TOKENS}&stamp=1"
# The messages in each person's conversation, and the number of each person's other conversations.
_MESSAGES, _CHATS = 10, 20
# The steps after Send in their order, by the names of their notes and those of the figures.
_STEPS = {
    "received": "request_received",
    "viewed": "view_begun",
    "opened": "run_opened",
    "claimed": "claimed",
    "called": "upstream_called",
    "first_token": "first_token_read",
    "rendered": "response_rendered",
    "stored": "end_stored",
}
_PATIENCE = 30.0
# After each prompt, for what follows its end.
_PAUSE = 0.15
_PARAMETERS_OF = "gpt-4o"
# A statement's kind and its first table.
_KIND = re.compile(
    r'(SELECT|INSERT|UPDATE|DELETE|SAVEPOINT|RELEASE)(?:.*?(?:FROM|INTO|UPDATE)? "(\w+_\w+)")?', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Plan:
    prompts: int
    # Answers of others meanwhile.
    streams: int
    pages: int
    idle_seconds: float
    # Whether to print the statements of a prompt: 1 by kind, 2 whole.
    lists: int

    @property
    def stream_seconds(self) -> float:
        return self.prompts * 0.6 + self.idle_seconds + 10

    @property
    def stream(self) -> str:
        return f"scripted/paced?rate=50&tokens={round(self.stream_seconds * 50)}&together={self.streams}"


@dataclass(slots=True)
class Page:
    """The open page of a person, who sends prompts."""

    origin: str
    person: Person
    client: httpx.AsyncClient
    form: PageForm
    socket: ClientConnection
    first_token_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)

    @classmethod
    async def open(cls, origin: str, person: Person, client: httpx.AsyncClient) -> Page:
        """Choose the model, open the page and its socket, and send a prompt that is not measured."""
        address = f"{origin}/c/{person.conversation}/"
        headers = {"Cookie": person.cookies(), "X-CSRFToken": CSRF, "Origin": origin, "HX-Request": "true"}
        answer = await client.post(f"{address}configure/", data={"model": _MODEL}, headers=headers)
        answer.raise_for_status()
        answer = await client.get(address, headers={"Cookie": person.cookies()})
        answer.raise_for_status()
        form = PageForm.of(answer.text, person.conversation)
        socket = await connect(
            f"{origin.replace('http', 'ws', 1)}/ws/c/{person.conversation}/",
            origin=Origin(origin),
            additional_headers={"Cookie": person.cookies()},
            compression=None,
            max_size=None,
        )
        await socket.send(json.dumps(form.hello))
        page = cls(origin, person, client, form, socket)
        await page.send()
        page.first_token_ms.clear()
        page.answered_ms.clear()
        return page

    async def send(self) -> float:
        """Send a prompt and wait for the whole answer; return the moment of the click in microseconds."""
        reader = Reader(_TOKENS)
        reading = asyncio.create_task(read_frames(self.socket, reader))
        composer = f"composer-{self.person.conversation}"
        clicked = time.monotonic_ns() / 1000
        answer = await self.client.post(
            f"{self.origin}/c/{self.person.conversation}/send/",
            data={**self.form.fields, "text": "And what about the next one?"},
            headers={
                "Cookie": self.person.cookies(),
                "X-CSRFToken": CSRF,
                "Origin": self.origin,
                "HX-Request": "true",
                # The page says that its socket is open, and that its conversation stands first in the list.
                "X-Live": "first",
                "HX-Target": composer,
                "HX-Trigger": composer,
                "HX-Current-URL": f"{self.origin}/c/{self.person.conversation}/",
            },
        )
        answered = time.monotonic_ns() / 1000
        if answer.status_code != 200:
            raise RuntimeError(f"Sending was answered with {answer.status_code}: {answer.text[:2000]}")
        self.form.renew(answer.text)
        await asyncio.wait_for(reading, _PATIENCE)
        if not reader.is_whole or reader.first_at is None:
            raise RuntimeError("An answer did not arrive whole.")
        self.first_token_ms.append((reader.first_at - clicked) / 1000)
        self.answered_ms.append((answered - clicked) / 1000)
        return clicked


async def open_pages(installation: Installation, client: httpx.AsyncClient, count: int) -> list[Page]:
    return [await Page.open(installation.origin, person, client) for person in installation.take(count)]


async def idle_share(server: Child, seconds: float) -> float:
    """Return the share of a core that the server uses without prompts."""
    started, before = time.monotonic(), server.cpu_seconds
    await asyncio.sleep(seconds)
    return (server.cpu_seconds - before) / (time.monotonic() - started)


async def measure(name: str, server: Child, pages: list[Page], plan: Plan) -> None:
    """Measure processor time and waits of prompts that are sent one after the other."""
    share = await idle_share(server, plan.idle_seconds)
    started, before = time.monotonic(), server.cpu_seconds
    for number in range(plan.prompts):
        await pages[number % len(pages)].send()
        await asyncio.sleep(_PAUSE)
    spent = server.cpu_seconds - before - share * (time.monotonic() - started)
    report(f"{name}.cpu_ms", spent * 1000 / plan.prompts, "ms")
    for part in ("first_token_ms", "answered_ms"):
        waits = [wait for page in pages for wait in getattr(page, part)]
        report(f"{name}.{part.removesuffix('_ms')}_p50_ms", percentile(waits, 0.5), "ms")
        report(f"{name}.{part.removesuffix('_ms')}_p99_ms", percentile(waits, 0.99), "ms")


async def measure_among(
    installation: Installation, server: Child, client: httpx.AsyncClient, pages: list[Page], plan: Plan
) -> None:
    """Measure the same while others read answers."""
    tokens = round(plan.stream_seconds * 50)
    people = installation.take(plan.streams)
    others = [await Watched.open(installation.origin, person, Reader(tokens)) for person in people]
    await send_all(others, installation.endpoints[plan.stream])
    while not all(one.reader.seen for one in others):  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.05)
    for page in pages:
        page.first_token_ms.clear()
        page.answered_ms.clear()
    await measure(f"prompt.among_{plan.streams}", server, pages, plan)
    running = sum(not one.reader.is_done for one in others)
    report(f"prompt.among_{plan.streams}.streams_to_the_end", running, f"of {plan.streams}")
    for one in others:
        await one.close()


async def measure_steps(installation: Installation, client: httpx.AsyncClient, plan: Plan) -> None:
    """Measure the moment of each step of a prompt, and count its statements."""
    pages = await open_pages(installation, client, plan.pages)
    address = f"{installation.origin}/bench/notes/"
    steps: dict[str, list[float]] = {name: [] for name in _STEPS}
    statements: list[list[str]] = []
    transactions: list[int] = []
    await client.get(address)
    for number in range(plan.prompts):
        clicked = await pages[number % len(pages)].send()
        await asyncio.sleep(_PAUSE)
        told = (await client.get(address)).json()
        for name, at in first_moments(told["moments"]).items():
            steps[name].append((at - clicked) / 1000)
        statements.append(told["statements"])
        transactions.append(told["transactions"])
    for name, figure in _STEPS.items():
        report(f"prompt.step.{figure}_p50_ms", percentile(steps[name], 0.5), "ms")
        report(f"prompt.step.{figure}_p99_ms", percentile(steps[name], 0.99), "ms")
    report("prompt.statements", median(len(each) for each in statements), "statements")
    report("prompt.transactions", median(transactions), "transactions")
    typical = sorted(statements, key=len)[len(statements) // 2]
    for thread, count in sorted(Counter(each.partition(":")[0] for each in typical).items()):
        report(f"prompt.statements.{thread}", count, "statements")
    if plan.lists:
        for each in typical:
            print("   ", " ".join(each.split()) if plan.lists > 1 else kind_of(each))


def first_moments(moments: list[tuple[str, int]]) -> dict[str, int]:
    """Return the first moment of each step; the first token is read by the apply() after the call."""
    found: dict[str, int] = {}
    for name, at in moments:
        if name == "read":
            name = "first_token" if "called" in found else ""
        if name in _STEPS:
            found.setdefault(name, at)
    return found


def kind_of(statement: str) -> str:
    """
    >>> kind_of('requests: SELECT 1 AS "a" FROM "chat_run" LIMIT 1')
    'requests: SELECT chat_run'
    >>> kind_of("requests: EXECUTE kept_1(1) /* INSERT chat_run */; EXECUTE kept_2 /* SELECT chat_run */")
    'requests: INSERT chat_run, SELECT chat_run'
    """
    thread, _, sql = statement.partition(": ")
    if kept := re.findall(r"/\* ([\w ]+) \*/", sql):
        return f"{thread}: {', '.join(kept)}"
    found = _KIND.match(sql)
    return f"{thread}: {found[1]} {found[2] or ''}".rstrip() if found else f"{thread}: {sql[:60]}"


def measure_all(plan: Plan) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)), **shared_services())
        more = ["--messages-each", str(_MESSAGES), "--chats", str(_CHATS), "--parameters-of", _PARAMETERS_OF]
        installation.prepare(2 * plan.pages + plan.streams, [_MODEL, plan.stream], more=more)
        asyncio.run(measure_cost(installation, plan))
        asyncio.run(measure_noted(installation, plan))


async def measure_cost(installation: Installation, plan: Plan) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        with installation.serving() as server:
            pages = await open_pages(installation, client, plan.pages)
            await measure("prompt", server, pages, plan)
            if plan.streams:
                await measure_among(installation, server, client, pages, plan)


async def measure_noted(installation: Installation, plan: Plan) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        with installation.serving("-m", "bench.noting_server"):
            await measure_steps(installation, client, plan)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--prompts", type=int, help="how many, one after the other (at most 1000)")
    arguments.add_argument("--streams", type=int, help="answers of others meanwhile (at most 200)")
    arguments.add_argument(
        "--list", action="count", default=0, help="print the statements of a prompt; twice, whole"
    )
    given = arguments.parse_args(words)
    streams = given.streams if given.streams is not None else (2 if given.smoke else 20)
    measure_all(
        Plan(
            prompts=min(max(given.prompts or (4 if given.smoke else 60), 1), 1000),
            streams=min(max(streams, 0), 200),
            pages=2 if given.smoke else 10,
            idle_seconds=1.0 if given.smoke else 4.0,
            lists=given.list,
        )
    )


if __name__ == "__main__":
    main()
