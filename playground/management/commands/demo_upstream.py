from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from playground.demo.server import DemoServer


class Command(BaseCommand):
    help = "Runs the demo upstream on its own, for other programs and for measurements."
    # The command needs no settings of the installation.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=9000, help="0 takes any free port.")
        parser.add_argument("--rate", type=float, help="Tokens per second of every model; 0 is no pace.")
        parser.add_argument("--key", help="Refuse requests without this API key.")

    def handle(self, *, port: int, rate: float | None, key: str | None, **_: Any) -> None:
        server = DemoServer(rate=rate, record=0)
        server.api.required_key = key
        asyncio.run(self._serve(server, port))

    async def _serve(self, server: DemoServer, port: int) -> None:
        await server.start(port)
        self.stdout.write(f"Demo upstream at {server.base_url}")
        self.stdout.flush()
        asked_to_stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
        await asked_to_stop.wait()
        await server.stop()
