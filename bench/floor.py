"""The least work: a process that only reads streams with httpx. Prints JSON: events and processor seconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass

import httpx


@dataclass(slots=True)
class Window:
    """Count while every stream runs: from the last one's start to the first one's end."""

    streams: int
    started: int = 0
    events: int = 0
    opened: tuple[int, float] | None = None
    closed: tuple[int, float] | None = None

    def start(self) -> None:
        self.started += 1
        if self.started == self.streams:
            self.opened = self.events, time.process_time()

    def end(self) -> None:
        self.closed = self.closed or (self.events, time.process_time())

    def result(self) -> dict[str, float]:
        if self.opened is None or self.closed is None:
            raise SystemExit("The streams did not overlap.")
        events, seconds = (after - before for before, after in zip(self.opened, self.closed, strict=True))
        return {"events": events, "cpu_seconds": seconds}


async def read(client: httpx.AsyncClient, url: str, model: str, window: Window) -> None:
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    async with client.stream("POST", url, json=body) as response:
        window.start()
        async for data in response.aiter_raw():
            window.events += data.count(b"data: ")
        window.end()


async def read_all(url: str, model: str, streams: int) -> dict[str, float]:
    window = Window(streams)
    limits = httpx.Limits(max_connections=streams)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False, verify=False) as client:
        await asyncio.gather(*(read(client, url, model, window) for _ in range(streams)))
    return window.result()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--streams", type=int, required=True)
    given = arguments.parse_args()
    url = f"{given.base_url}/chat/completions"
    print(json.dumps(asyncio.run(read_all(url, given.model, given.streams))))


if __name__ == "__main__":
    main()
