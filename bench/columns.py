"""A comparison of eight columns that answer at once: its page in Chromium, and the server's share.

python -m bench.columns [--smoke] [--rate 50] [--seconds 20] [--rounds 4]

Prints ``name value unit`` lines. Keys are typed into the composer all the while. The server's share is
compared with that of eight plain conversations, each with a page of its own, in rounds that take turns. Needs
Chromium (its path in CHROMIUM, or on the search path); without one only the server's share is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from bench.browser import opened_page
from bench.chromium import CHROMIUM
from bench.figures import percentile, ratio, report
from bench.installation import Installation, upstream
from bench.processes import Child
from bench.reader import Reader
from bench.relay import Window, steady
from bench.sockets import CSRF, Person, Watched, send_all
from bench.streamed_page import busy_ms

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLUMNS = 8
SETTLE_SECONDS = 1.0
# Few people type faster than this for long.
KEY_MS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    rate: float
    seconds: float
    rounds: int

    @property
    def tokens(self) -> int:
        return round(self.rate * self.seconds)

    @property
    def document(self) -> str:
        return f"scripted/document?tokens={self.tokens}&rate={self.rate:g}"

    @property
    def paced(self) -> str:
        return f"scripted/paced?rate={self.rate:g}&tokens={self.tokens}&stamp=5&together={COLUMNS}"

    @property
    def patience(self) -> float:
        return self.seconds * 3 + 60


@dataclass(frozen=True, slots=True)
class Comparison:
    code: str
    columns: list[str]


# --- the browser ---


def measure_page(installation: Installation, person: Person, comparison: Comparison, plan: Plan) -> None:
    with opened_page(installation, person, f"/compare/{comparison.code}/") as page:
        prompt = page.locator(".compare-composer .prompt")
        prompt.fill("Go.")
        prompt.press("Enter")
        page.locator(".thread [data-run] .answer .markdown > *").nth(COLUMNS - 1).wait_for(state="attached")
        # Neither sending nor the end belongs to a token; both may have their own long tasks, reported apart.
        began, busy = page.evaluate("performance.now()"), busy_ms(page)
        typed = _type_while(page, ".thread [data-status=finished]", plan)
        ended, busy_then = page.evaluate("performance.now()"), busy_ms(page)
        page.locator(".thread [data-status=finished]").nth(COLUMNS - 1).wait_for(state="attached")
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        whole = page.evaluate("performance.now()")
        noted = page.evaluate("noted")
    came = (ended - began) / 1000 * plan.rate * COLUMNS
    report("columns.page.main_thread_ms_per_token", (busy_then[0] - busy[0]) / came, "ms")
    report_tasks("while_streaming", [length for start, length in noted["tasks"] if began <= start <= ended])
    report_tasks("at_end", [length for start, length in noted["tasks"] if ended < start <= whole])
    report_tasks("at_start", [length for start, length in noted["tasks"] if start < began])
    keys = [*noted["keys"], *[0.0] * (typed - len(noted["keys"]))]
    report("columns.page.typing_p99_ms", percentile(keys, 0.99), "ms")
    report("columns.page.typing_worst_ms", max(keys, default=0.0), "ms")


def _type_while(page: Page, until: str, plan: Plan) -> int:
    """Type until an answer has ended; return the number of keys."""
    deadline, typed = time.monotonic() + plan.patience, 0
    while not page.locator(until).count() and time.monotonic() < deadline:
        page.keyboard.press("x" if typed % 12 else "Space")
        typed += 1
        page.wait_for_timeout(KEY_MS)
    return typed


def report_tasks(when: str, lengths: list[float]) -> None:
    """Report the tasks over 50 ms; the browser names no shorter ones."""
    report(f"columns.page.long_tasks_{when}", len(lengths), "tasks")
    report(f"columns.page.longest_task_{when}_ms", max(lengths, default=0.0), "ms")


# --- the server ---


class ComparisonSocket:
    """The socket of a page that shows a comparison, with a reader for each column."""

    def __init__(self, comparison: Comparison, person: Person, origin: str, tokens: int) -> None:
        self.comparison, self.person, self.origin = comparison, person, origin
        self.readers = {code: Reader(tokens) for code in comparison.columns}

    async def open(self) -> list[Watched]:
        """Connect; return the columns as if each was a page, which end together."""
        connection = await connect(
            f"{self.origin.replace('http', 'ws', 1)}/ws/",
            origin=Origin(self.origin),
            additional_headers={"Cookie": self.person.cookies()},
            compression=None,
            max_size=None,
        )
        codes = [*self.readers, self.comparison.code]
        threads = [{"code": code, "head": "", "cursors": {}} for code in codes]
        await connection.send(json.dumps({"type": "hello", "threads": threads}))
        reading = asyncio.create_task(self._read(connection))
        return [
            Watched(self.origin, self.person, reader, connection, reading) for reader in self.readers.values()
        ]

    async def _read(self, connection: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                frame = json.loads(message)
                if reader := self.readers.get(frame.get("thread", "")):
                    reader.take(frame.get("html", ""))
                if frame.get("ack"):
                    await connection.send(json.dumps({"type": "ack", "n": frame.get("n")}))
                if all(reader.is_done for reader in self.readers.values()):
                    return

    async def send(self) -> None:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            response = await client.post(
                f"{self.origin}/compare/{self.comparison.code}/send/",
                data={"text": "Go.", "idempotency_key": str(uuid.uuid4()), "column": self.comparison.columns},
                headers={
                    "Cookie": self.person.cookies(),
                    "X-CSRFToken": CSRF,
                    "Origin": self.origin,
                    "HX-Request": "true",
                },
            )
        if response.status_code != 200:
            raise RuntimeError(f"Sending was answered with {response.status_code}: {response.text[:2000]}")


@dataclass(slots=True)
class Round:
    """The figures of a round: of the window in which all answers run, and of the whole."""

    window: Window
    cpu_seconds: float
    watched: list[Watched]

    @property
    def tokens_per_cpu_second(self) -> float:
        return ratio(self.window.tokens, self.window.cpu_seconds) or 0.0

    @property
    def lags_ms(self) -> list[float]:
        return [lag for one in self.watched for lag in one.reader.lags_ms]

    @property
    def whole(self) -> int:
        return sum(one.reader.is_whole for one in self.watched)


async def compared_round(
    installation: Installation, server: Child, plan: Plan, person: Person, comparison: Comparison
) -> Round:
    socket = ComparisonSocket(comparison, person, installation.origin, plan.tokens)
    watched = await socket.open()
    return await _round(server, plan, watched, socket.send())


async def plain_round(installation: Installation, server: Child, plan: Plan, people: list[Person]) -> Round:
    watched = [await Watched.open(installation.origin, each, Reader(plan.tokens)) for each in people]
    return await _round(server, plan, watched, send_all(watched, installation.endpoints[plan.paced]))


async def _round(server: Child, plan: Plan, watched: list[Watched], sending: Any) -> Round:
    before = server.cpu_seconds
    window = asyncio.create_task(steady(watched, server, plan.tokens))
    await sending
    for one in watched:
        await one.finished(plan.patience)
    found = Round(await window, server.cpu_seconds - before, watched)
    for one in watched:
        await one.close()
    return found


def measure_server(
    installation: Installation, server: Child, plan: Plan, people: list[Person], compared: list[Any]
) -> None:
    plain: list[Round] = []
    columns: list[Round] = []
    for number in range(plan.rounds + 1):
        turn = people[number * COLUMNS : (number + 1) * COLUMNS]
        person, comparison = compared[number]
        found = [
            asyncio.run(plain_round(installation, server, plan, turn)),
            asyncio.run(compared_round(installation, server, plan, person, comparison)),
        ]
        # The first round of a server compiles queries and templates.
        if number:
            plain.append(found[0])
            columns.append(found[1])
    for name, rounds in (("plain", plain), ("compared", columns)):
        report_rounds(f"columns.server.{name}", rounds)
    ratios = [
        mine.tokens_per_cpu_second / other.tokens_per_cpu_second
        for mine, other in zip(columns, plain, strict=True)
        if other.tokens_per_cpu_second
    ]
    report("columns.server.compared_to_plain", statistics.median(ratios) if ratios else None, "ratio")
    report("columns.server.compared_to_plain_worst", min(ratios, default=None), "ratio")


def report_rounds(name: str, rounds: list[Round]) -> None:
    rates = [each.tokens_per_cpu_second for each in rounds]
    lags = [lag for each in rounds for lag in each.lags_ms]
    frames = [one.reader.frames for each in rounds for one in each.watched]
    report(f"{name}.tokens_per_cpu_second", statistics.median(rates), "tokens/s")
    report(f"{name}.cpu_ms_of_a_round", statistics.median(each.cpu_seconds for each in rounds) * 1000, "ms")
    report(f"{name}.answers_whole", sum(each.whole for each in rounds), f"of {len(frames)}")
    report(f"{name}.lag_p50_ms", percentile(lags, 0.5), "ms")
    report(f"{name}.lag_p99_ms", percentile(lags, 0.99), "ms")
    report(f"{name}.frames_per_column", statistics.mean(frames), "frames")


def measure_all(plan: Plan) -> None:
    report("machine.load_before", os.getloadavg()[0], "processes")
    rounds = plan.rounds + 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(COLUMNS * rounds + rounds + 1, [plan.paced, plan.document])
        owners = installation.take(rounds + 1)
        models = [plan.document, *[plan.paced] * rounds]
        words = [
            f"--{name}={value}"
            for owner, model in zip(owners, models, strict=True)
            for name, value in (
                ("of", owner.conversation),
                ("endpoint", installation.endpoints[model]),
            )
        ]
        made = installation.fill("bench.compared", *words)["comparisons"]
        comparisons = [(owner, Comparison(**each)) for owner, each in zip(owners, made, strict=True)]
        server = stack.enter_context(installation.serving())
        if CHROMIUM:
            measure_page(installation, *comparisons[0], plan)
        else:
            print("columns.page: skipped, there is no Chromium: set CHROMIUM", file=sys.stderr)
        measure_server(installation, server, plan, installation.take(COLUMNS * rounds), comparisons[1:])


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--rate", type=float, default=50, help="tokens per second of each answer")
    arguments.add_argument("--seconds", type=float, help="length of each answer")
    arguments.add_argument("--rounds", type=int, help="rounds of the server's share, each of both kinds")
    given = arguments.parse_args(words)
    seconds = given.seconds or (3 if given.smoke else 20)
    measure_all(Plan(given.rate, seconds, given.rounds or (1 if given.smoke else 4)))


if __name__ == "__main__":
    main()
