"""What the server processes of one installation tell each other, through Redis.

Each process holds one subscription, however many sockets it serves, and wakes its own readers with
what it hears. A plain channel and no queue: nothing is kept that the database does not have already,
nothing has to be trimmed. Who was away looks there, and is told when to.
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

    Hearer = Callable[[bytes], None]

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
LISTEN_SECONDS = 1.0
# Every second of silence is answered with a ping. Without an answer for so long, the line is dead.
SILENCE_SECONDS = 5.0
_NAME_BYTES = 8


def honour_cancellation() -> None:
    """Raise the cancellation of this task that somebody below has swallowed.

    redis-py loses one that comes while a connection is being made. What waits for Redis in a loop
    would then wait for ever, and with it a server that is to stop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Peers:
    """The line of this process to the others. On the event loop's thread only.

    ``hearers`` take what others tell, by the one byte that says what it is about. ``on_gap`` is
    called when the line stands, for the first time or again: what was told before was not heard.
    """

    def __init__(self, hearers: Mapping[bytes, Hearer], on_gap: Callable[[], None]) -> None:
        self._hearers = hearers
        self._on_gap = on_gap
        self._name = secrets.token_bytes(_NAME_BYTES)
        self._redis = Redis.from_url(
            settings.REDIS_URL, socket_timeout=SILENCE_SECONDS, retry=Retry(NoBackoff(), 1)
        )
        # Unlike its keys, the channels of a Redis are the same in all its databases.
        database = self._redis.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"playground.{database}"

    async def tell(self, kind: bytes, message: bytes) -> bool:
        """Tell all others; False when it did not leave. Never raises: what matters is in the database."""
        try:
            await self._redis.publish(self._channel, self._name + kind + message)
        except (RedisError, OSError):
            logger.warning("Other processes could not be told.", exc_info=True)
            return False
        honour_cancellation()
        return True

    async def listen(self) -> None:
        """Hear what the others tell, for ever."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    await self._hear(subscription)
            except Exception:
                # Whatever it was: a process that no longer listens would be deaf without a word.
                logger.warning("Other processes cannot be heard, trying again.", exc_info=True)
            honour_cancellation()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _hear(self, subscription: Any) -> None:
        heard_at = time.monotonic()
        while True:
            message = await subscription.get_message(timeout=LISTEN_SECONDS)
            honour_cancellation()
            if message is None:
                if time.monotonic() - heard_at > SILENCE_SECONDS:
                    raise TimeoutError("Redis does not answer.")
                await subscription.ping()
                continue
            heard_at = time.monotonic()
            # The client subscribes again by itself when it had to connect again; Redis confirms either.
            if message["type"] == "subscribe":
                self._on_gap()
            elif message["type"] == "message":
                self._take(message["data"])

    def _take(self, data: bytes) -> None:
        sender, said = data[:_NAME_BYTES], data[_NAME_BYTES:]
        # Redis tells us our own words too. What another version says and we do not know is not for us.
        if sender != self._name and (hearer := self._hearers.get(said[:1])):
            hearer(said[1:])
