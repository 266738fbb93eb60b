"""A mail server on this machine whose answers a test decides."""

from __future__ import annotations

import asyncio
import email
import threading
from base64 import b64decode
from contextlib import contextmanager
from email.policy import default
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from email.message import EmailMessage

HANG = "hang"
CLOSE = "close"


class ScriptedSmtp:
    """The server. ``answers`` maps a command, or "GREETING" or "MESSAGE", to other answers than usual.

    A list is used up, one answer for each time. HANG never answers, CLOSE closes the connection.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None, *, starttls: bool = False) -> None:
        self.answers: dict[str, str | list[str]] = {}
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.commands: list[str] = []
        self.sign_ins: list[str] = []
        self.port = 0
        self._certificate, self._starttls = certificate, starttls
        # Nothing else refers to a connection that waits once its client has gone.
        self._never = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(writer, "GREETING", "220 scripted")
            while line := (await reader.readline()).decode().strip():
                await self._do(line, reader, writer)
        except (ConnectionError, EOFError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The client has gone, the script says so, or the test is over. asyncio reports a connection that
            # was cancelled as an error, so this one just ends.
            pass
        finally:
            writer.close()

    async def _do(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = line.split()[0].upper()
        self.commands.append(command)
        if command == "EHLO":
            await self._answer(writer, command, f"250-scripted\r\n{self._extensions(writer)}250 SIZE 1000000")
        elif command == "STARTTLS":
            await self._answer(writer, command, "220 go ahead")
            assert self._certificate
            await writer.start_tls(self._certificate)
        elif command == "AUTH":
            self.sign_ins.append(b64decode(line.split()[2]).decode())
            await self._answer(writer, command, "235 welcome")
        elif command == "DATA":
            if not (await self._answer(writer, command, "354 go ahead")).startswith("354"):
                return
            content = await reader.readuntil(b"\r\n.\r\n")
            answer = await self._answer(writer, "MESSAGE", "250 queued")
            if answer.startswith("250"):
                self.mails.append(email.message_from_bytes(content[:-3], policy=default))
        else:
            if command == "RCPT":
                self.recipients.append(line.partition(":")[2])
            await self._answer(writer, command, "250 ok")

    def _extensions(self, writer: asyncio.StreamWriter) -> str:
        is_encrypted = writer.get_extra_info("ssl_object") is not None
        return "250-STARTTLS\r\n" if self._starttls and not is_encrypted else "250-AUTH PLAIN\r\n"

    async def _answer(self, writer: asyncio.StreamWriter, command: str, usual: str) -> str:
        scripted = self.answers.get(command, usual)
        if isinstance(scripted, list):
            scripted = scripted.pop(0) if scripted else usual
        if scripted == HANG:
            await self._never.wait()
        if scripted == CLOSE:
            raise ConnectionError
        writer.write(f"{scripted}\r\n".encode())
        await writer.drain()
        return scripted

    @contextmanager
    def running(self, *, is_tls: bool = False) -> Iterator[ScriptedSmtp]:
        async def start() -> asyncio.Server:
            encryption = self._certificate if is_tls else None
            return await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=encryption)

        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        # The thread of a browser test runs a loop already, so the server is started in its own thread.
        server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(server), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        # A connection that was accepted at the end gets its task a little later, and a closed one is closed
        # a little later.
        for _ in range(5):
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)
