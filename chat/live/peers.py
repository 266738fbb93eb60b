"""Messages between the server processes of one installation, through Redis.

Each process has one subscription, however many sockets it serves, and wakes its own readers with
what it receives. The channel keeps nothing, so nothing has to be trimmed: all that matters is in the
database. A process that has missed messages is told so and looks there.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[bytes], None]

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
LISTEN_SECONDS = 1.0
# After each second of silence a ping is sent. Without any answer for so long, the connection is dead.
SILENCE_SECONDS = 5.0
_NAME_BYTES = 8


def honour_cancellation() -> None:
    """Raise a cancellation of this task that a library has swallowed.

    redis-py loses one that arrives while it connects. A task that waits for Redis in a loop would
    then never end, and the server could not stop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Peers:
    """The connection of this process to the others. On the event loop's thread only.

    ``handlers`` take the messages of other processes, by the one byte that names the kind. ``on_gap`` is
    called after each connect, the first one too: earlier messages were missed.
    """

    def __init__(self, handlers: Mapping[bytes, Handler], on_gap: Callable[[], None]) -> None:
        self._handlers = handlers
        self._on_gap = on_gap
        self._name = secrets.token_bytes(_NAME_BYTES)
        self._redis = Redis.from_url(
            settings.REDIS_URL, socket_timeout=SILENCE_SECONDS, retry=Retry(NoBackoff(), 1)
        )
        # Unlike its keys, the channels of a Redis are the same in all its databases.
        database = self._redis.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"playground.{database}"

    async def publish(self, kind: bytes, message: bytes) -> bool:
        """Send a message to all others; return False if it did not leave.

        This never raises, since all that matters is in the database.
        """
        try:
            await self._redis.publish(self._channel, self._name + kind + message)
        except (RedisError, OSError):
            logger.warning("A message to other processes could not be sent.", exc_info=True)
            return False
        honour_cancellation()
        return True

    async def listen(self) -> None:
        """Receive messages for ever, with a new connection after every failure."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    await self._receive(subscription)
            except Exception:
                # An error that ended this loop would go unnoticed, and no message would arrive any more.
                logger.warning("Messages of other processes cannot be received, trying again.", exc_info=True)
            honour_cancellation()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _receive(self, subscription: Any) -> None:
        received_at = time.monotonic()
        while True:
            message = await subscription.get_message(timeout=LISTEN_SECONDS)
            honour_cancellation()
            if message is None:
                if time.monotonic() - received_at > SILENCE_SECONDS:
                    raise TimeoutError("Redis does not answer.")
                await subscription.ping()
                continue
            received_at = time.monotonic()
            # The client subscribes again by itself after a reconnect; Redis confirms every subscription.
            if message["type"] == "subscribe":
                self._on_gap()
            elif message["type"] == "message":
                self._take(message["data"])

    def _take(self, data: bytes) -> None:
        sender, message = data[:_NAME_BYTES], data[_NAME_BYTES:]
        # Redis also delivers the process's own messages. Unknown kinds come from another version.
        if sender != self._name and (handler := self._handlers.get(message[:1])):
            handler(message[1:])
