"""The cost of reading streams with the product's own transport, beside httpcore's stock one.

python -m bench.transport [--smoke] [--streams 100] [--seconds 6] [--rate 10] [--rounds 5]

Prints ``name value unit`` lines: tokens per CPU-second, the median of the rounds. Every round measures each
transport once, in a process of its own and in turn, so that other work on the machine falls on all of them.
``read`` counts tokens in the bytes of the body; ``events`` reads them through the product's client.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import cast

import httpcore
import httpx

from bench.figures import report
from bench.floor import Window
from bench.installation import upstream
from bench.processes import environment, run
from playground.upstream.events import TextDelta
from playground.upstream.transport.addresses import parse_allowed
from playground.upstream.transport.client import StreamRequest, UpstreamClient
from playground.upstream.transport.guard import GuardedBackend
from playground.upstream.transport.pool import GuardedTransport
from playground.upstream.transport.sockets import SocketBackend

_ALLOWED = (parse_allowed("127.0.0.1"),)


def _guarded(backend: httpcore.AsyncNetworkBackend | None = None) -> httpx.AsyncBaseTransport:
    transport = GuardedTransport(_ALLOWED)
    if backend is not None:
        transport._pool._network_backend = GuardedBackend(_ALLOWED, inner=backend)
    return transport


def _stock(backend: httpcore.AsyncNetworkBackend | None = None) -> httpx.AsyncBaseTransport:
    transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None), trust_env=False)
    if backend is not None:
        transport._pool = httpcore.AsyncConnectionPool(max_connections=None, network_backend=backend)
    return transport


TRANSPORTS: dict[str, Callable[[], httpx.AsyncBaseTransport]] = {
    "own": _guarded,
    "stock": _stock,
    # Each of the two modules is measured alone, with httpcore's own part for the other.
    "own_sockets_only": lambda: _stock(SocketBackend()),
    "own_body_only": lambda: _guarded(httpcore.AnyIOBackend()),
}


@dataclass(frozen=True, slots=True)
class Plan:
    streams: int
    seconds: float
    rate: float
    rounds: int

    @property
    def tokens(self) -> int:
        return max(10, round(self.seconds * self.rate))


@dataclass(slots=True)
class Flow(Window):
    """Count the reads as well, since tokens that wait for a busy reader come in one read and cost less."""

    reads: int = 0

    def take(self, tokens: int) -> None:
        self.reads += 1
        self.events += tokens


async def _read(transport: httpx.AsyncBaseTransport, base_url: str, model: str, flow: Flow) -> None:
    request = httpx.Request("POST", f"{base_url}/chat/completions", json=_body(model))
    response = await transport.handle_async_request(request)
    flow.start()
    # The product's client avoids aiter_raw() as well.
    async for data in cast("httpx.AsyncByteStream", response.stream):
        flow.take(data.count(b"data: "))
    flow.end()
    await response.aclose()


async def _read_events(client: UpstreamClient, base_url: str, model: str, flow: Flow) -> None:
    has_started = False
    request = StreamRequest(base_url, "chat/completions", _body(model), allowed_private=_ALLOWED)
    async for events in client.stream(request):
        tokens = sum(type(event) is TextDelta for event in events)
        if tokens and not has_started:
            has_started = True
            flow.start()
        flow.take(tokens)
    flow.end()


def _body(model: str) -> dict[str, object]:
    return {"model": model, "stream": True, "messages": [{"role": "user", "content": "Go."}]}


async def _read_all(name: str, level: str, base_url: str, model: str, streams: int) -> None:
    flow = Flow(streams)
    transport = TRANSPORTS[name]()
    if level == "read":
        await asyncio.gather(*(_read(transport, base_url, model, flow) for _ in range(streams)))
    else:
        client = UpstreamClient(streams, transport)
        await asyncio.gather(*(_read_events(client, base_url, model, flow) for _ in range(streams)))
    print(json.dumps({**flow.result(), "tokens_per_read": flow.events / flow.reads}))


def _measure(base_url: str, plan: Plan) -> None:
    model = f"scripted/paced?rate={plan.rate:g}&tokens={plan.tokens}&together={plan.streams}"
    rates, per_read = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for _ in range(plan.rounds):
        for name, level in product(TRANSPORTS, ("read", "events")):
            words = ["-m", "bench.transport", "--child", name, level, base_url, model, str(plan.streams)]
            result = json.loads(run(words, environment()))
            rates[f"{level}.{name}"].append(result["events"] / result["cpu_seconds"])
            per_read[f"{level}.{name}"].append(result["tokens_per_read"])
    for name, found in rates.items():
        figure = f"transport.{plan.streams}.{name}"
        report(f"{figure}_tokens_per_cpu_second", median(found), "tokens/s")
        report(f"{figure}_tokens_per_read", median(per_read[name]), "tokens")
    for level in ("read", "events"):
        pairs = zip(rates[f"{level}.own"], rates[f"{level}.stock"], strict=True)
        gains = sorted(own / stock for own, stock in pairs)
        report(f"transport.{plan.streams}.{level}.own_to_stock", median(gains), "times")
        report(f"transport.{plan.streams}.{level}.own_to_stock_least", gains[0], "times")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--streams", type=int, help="how many at once (at most 1,000)")
    arguments.add_argument("--seconds", type=float, help="how long a stream lasts (at most 60)")
    arguments.add_argument("--rate", type=float, default=10, help="tokens per second of each stream")
    arguments.add_argument("--rounds", type=int, help="measurements of each transport (at most 20)")
    arguments.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    given = arguments.parse_args(words)
    if given.child:
        name, level, base_url, model, streams = given.child
        asyncio.run(_read_all(name, level, base_url, model, int(streams)))
        return
    plan = Plan(
        streams=min(max(given.streams or (10 if given.smoke else 100), 1), 1_000),
        seconds=min(given.seconds or (1 if given.smoke else 6), 60),
        rate=min(max(given.rate, 1), 1_000),
        rounds=min(max(given.rounds or (1 if given.smoke else 5), 1), 20),
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, upstream(Path(folder)) as base_url:
        _measure(base_url, plan)


if __name__ == "__main__":
    main()
