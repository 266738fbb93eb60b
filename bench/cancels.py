"""Connections, tasks and files that thousands of cancelled streams leave behind in the upstream client.

python -m bench.cancels [--smoke] [--cancels 10000]

Far more streams are requested than may run at once. Each is cancelled at another moment: in the queue,
while it connects, before its first word, in the middle. Prints ``name value unit`` lines; what is
left of connections, tasks and files should be nothing, and one more stream has to come whole.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.figures import report
from bench.installation import upstream
from playground.upstream.events import Event, Failed, Finished
from playground.upstream.transport.addresses import parse_allowed
from playground.upstream.transport.client import StreamRequest, UpstreamClient
from playground.upstream.transport.pool import GuardedTransport

AT_ONCE, IN_LINE = 8, 250
MODELS = ("scripted/paced?tokens=50&rate=500&stamp=0", "scripted/silence", "scripted/silence_mid_stream")


def request_for(base_url: str, model: str) -> StreamRequest:
    body = {"model": model, "messages": [{"role": "user", "content": "Count."}], "stream": True}
    allowed = (parse_allowed(urlsplit(base_url).netloc),)
    return StreamRequest(base_url, "chat/completions", body, allowed_private=allowed)


async def read(client: UpstreamClient, request: StreamRequest) -> list[Event]:
    return [event async for batch in client.stream(request) for event in batch]


async def wave(client: UpstreamClient, base_url: str, dice: random.Random) -> int:
    """Start as many streams as the limit allows, cancel them all and return how many had begun."""
    tasks = [
        asyncio.create_task(read(client, request_for(base_url, dice.choice(MODELS)))) for _ in range(IN_LINE)
    ]
    dice.shuffle(tasks)
    for task in tasks:
        if dice.random() < 0.2:
            await asyncio.sleep(dice.random() * 0.004)
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    broken = [error for error in ended if isinstance(error, Exception)]
    if broken:
        raise SystemExit(f"A cancelled stream raised {broken[0]!r}.")
    return sum(isinstance(error, asyncio.CancelledError) for error in ended)


async def storm(base_url: str, cancels: int) -> None:
    dice = random.Random(1)
    transport = GuardedTransport((parse_allowed(urlsplit(base_url).netloc),))
    client = UpstreamClient(AT_ONCE, transport)
    await wave(client, base_url, dice)
    files = len(os.listdir("/proc/self/fd"))
    started, done = time.perf_counter(), 0
    while done < cancels:
        done += await wave(client, base_url, dice)
    elapsed = time.perf_counter() - started
    answer = await read(client, request_for(base_url, MODELS[0]))
    is_whole = any(isinstance(event, Finished) for event in answer) and not any(
        isinstance(event, Failed) for event in answer
    )
    left = transport.busy_connections
    await client.aclose()
    report("cancels", done, "streams")
    report("cancels.rate", done / elapsed, "streams/s")
    report("cancels.connections_left", left, "connections")
    report("cancels.files_left", max(0, len(os.listdir("/proc/self/fd")) - files), "files")
    report("cancels.tasks_left", len(asyncio.all_tasks()) - 1, "tasks")
    report("cancels.next_answer_whole", int(is_whole), "of 1")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--cancels", type=int, default=10_000)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder, upstream(Path(folder)) as base_url:
        asyncio.run(storm(base_url, 1_000 if given.smoke else given.cancels))


if __name__ == "__main__":
    main()
