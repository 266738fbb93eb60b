"""Requests under ASGI: each is answered by one job in a thread of :mod:`playground.request_threads`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import copy_context
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import connections
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import set_script_prefix

from playground.lost_connections import close_lost
from playground.request_threads import request_threads

if TYPE_CHECKING:
    from asyncio import Future
    from typing import IO

    from django.http.response import HttpResponseBase

# The key in a scope for a request whose body the server dropped, because it is too large.
TOO_LARGE = "playground.too_large"


class Handler(ASGIHandler):
    """Django's handler, with all middleware and the view in one thread.

    Django itself changes between the loop and a new thread for each kind of middleware, and for its signals.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        # Views and most middleware are synchronous.
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        answering = asyncio.get_running_loop().run_in_executor(
            request_threads, copy_context().run, self._answer, scope, body
        )
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await _first_of(answering, leaving)
            if answering.done():
                await self._send(answering.result(), send, leaving)
            else:
                # The visitor has left. The thread ends its work all the same.
                answering.add_done_callback(_drop)
        finally:
            leaving.cancel()
            with suppress(asyncio.CancelledError, RequestAborted):
                await leaving

    def _answer(self, scope: Any, body: IO[bytes]) -> Any:
        """Answer a request. A response that is sent as a stream is still to be closed."""
        close_lost()
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = (None, _too_large()) if TOO_LARGE in scope else self.create_request(scope, body)
        response: Any = self.get_response(request) if request is not None else refusal
        response._handler_class = self.__class__
        if not response.streaming:
            response.close()
            body.close()
        return response

    async def _send(self, response: Any, send: Any, leaving: Future[None]) -> None:
        if not response.streaming:
            await self.send_response(response, send)
            return
        # All pieces come from one thread of their own, since an export may take minutes.
        async with ThreadSensitiveContext():
            sending = asyncio.ensure_future(self.send_response(response, send))
            try:
                await _first_of(sending, leaving)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending
                await sync_to_async(_close)(response)


async def _first_of(*futures: Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def _too_large() -> HttpResponse:
    content = render_to_string("413.html", {"most": settings.MAX_BODY_BYTES // 1024**2})
    return HttpResponse(content, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _close(response: HttpResponseBase) -> None:
    response.close()
    # The thread ends with the response.
    connections.close_all()


def _drop(answering: Future[HttpResponseBase]) -> None:
    """Close the response to a visitor who has left."""
    if not answering.cancelled() and answering.exception() is None:
        answering.result().close()
