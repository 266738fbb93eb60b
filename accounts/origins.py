"""The origin of what happens: the network address and the browser of a request, or the name of a command.

A request runs in one thread from its middleware to its end, so a context variable holds it for the code that
writes the audit log, without a parameter of every function in between.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

_LONGEST_AGENT = 300

_origin: ContextVar[Callable[[], str] | None] = ContextVar("origin", default=None)
_agent: ContextVar[str] = ContextVar("agent", default="")


def current_origin() -> str:
    """Return where the running code was called from; an empty text if the server acts by itself."""
    find = _origin.get()
    return find() if find else ""


def current_agent() -> str:
    """Return how the visitor's browser introduces itself; an empty text if there is no request."""
    return _agent.get()


@contextmanager
def called_from(origin: str) -> Iterator[None]:
    """Name the origin of everything that is done inside."""
    token = _origin.set(lambda: origin)
    try:
        yield
    finally:
        _origin.reset(token)


def origin_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Make the visitor's network address and browser known to the code that answers the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Most requests write no event, so the address is read when it is asked for.
        token = _origin.set(lambda: _address_of(request))
        # No database stores a NUL.
        agent = _agent.set(request.headers.get("User-Agent", "").replace("\0", "")[:_LONGEST_AGENT])
        try:
            return get_response(request)
        finally:
            _agent.reset(agent)
            _origin.reset(token)

    return middleware


def _address_of(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))[:100]
    except PermissionDenied:
        # The proxy in front sends no usable address.
        return "unknown"
