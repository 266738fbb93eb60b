from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class AuthenticatedHttpRequest(HttpRequest):
    """A request to a view behind ``login_required``. Only annotations use it."""

    user: User
    htmx: HtmxDetails


_PIECE = 64 * 1024


def streamed(pieces: Iterator[str] | Iterator[bytes], kind: str) -> StreamingHttpResponse:
    """Send the pieces of a file while they are written. ``kind`` is its type, such as "text/csv"."""
    charset = "" if kind == "application/zip" else "; charset=utf-8"
    response = StreamingHttpResponse(_sent(_encoded(pieces)), content_type=f"{kind}{charset}")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _encoded(pieces: Iterator[str] | Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece


async def _sent(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    # This is asynchronous because Django reads an ordinary iterator to its end before it sends anything.
    while piece := await sync_to_async(_next)(pieces):
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes:
    """Join small pieces, since each change of thread costs more than the work on one."""
    joined: list[bytes] = []
    size = 0
    for piece in pieces:
        joined.append(piece)
        size += len(piece)
        if size >= _PIECE:
            break
    return b"".join(joined)


def place_to_return_to(request: HttpRequest) -> str:
    """Return the address on this site that a form or a link names as ``next``; empty if it is none."""
    place = request.POST.get("next") or request.GET.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(place, hosts, require_https=request.is_secure())
    return place if is_ours and place.startswith("/") else ""
