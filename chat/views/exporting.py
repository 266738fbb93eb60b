from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from chat.access import get_conversation_for
from chat.exporting.as_json import as_json
from chat.exporting.as_markdown import as_markdown
from chat.exporting.as_requests import as_requests
from chat.media.names import clean_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from accounts.http import AuthenticatedHttpRequest


# The name in the address: the writer, the text between the columns of a comparison, and the end of the
# file's name.
_FORMATS = {
    "markdown": (as_markdown, ".md", "text/markdown"),
    "json": (as_json, ".json", "application/json"),
    "jsonl": (as_requests, " requests.jsonl", "application/jsonl"),
}
_PIECE = 64 * 1024


@require_GET
@login_required
def export(request: AuthenticatedHttpRequest, code: UUID) -> StreamingHttpResponse:
    """Send a conversation that the user can read as a file: ``?as=`` markdown, json or jsonl."""
    conversation = get_conversation_for(request.user, code).conversation
    if request.GET.get("as", "markdown") not in _FORMATS:
        raise Http404
    write, ending, kind = _FORMATS[request.GET.get("as", "markdown")]
    response = StreamingHttpResponse(_sent(write(conversation)), content_type=f"{kind}; charset=utf-8")
    # A slash in a title does not start a folder.
    name = clean_name(conversation.title.replace("/", "-").replace("\\", "-") + ending)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _sent(pieces: Iterator[str]) -> AsyncIterator[str]:
    # This is asynchronous because Django reads an ordinary iterator to its end before it sends anything.
    while piece := await sync_to_async(_next)(pieces):
        yield piece


def _next(pieces: Iterator[str]) -> str:
    """Join small pieces, since each change of thread costs more than the work on one."""
    joined: list[str] = []
    size = 0
    for piece in pieces:
        joined.append(piece)
        size += len(piece)
        if size >= _PIECE:
            break
    return "".join(joined)
