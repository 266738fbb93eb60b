from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat import files
from chat.file_access import get_file_for, get_unsent_file_for
from chat.flows.choose_encoding import choose_encoding
from chat.flows.discard_file import discard_file
from chat.flows.take_address import take_address
from chat.flows.take_file import take_file
from chat.media import MediaRefused
from chat.models import StoredFile
from chat.pages.attaching import attached
from chat.views.composing import named_uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from accounts.http import AuthenticatedHttpRequest

PIECE = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# Kinds that the page shows; all others are downloads. Their type is certain: pictures are written anew, and
# recordings are measured.
_SHOWN = {StoredFile.Kind.IMAGE, StoredFile.Kind.AUDIO}


@require_POST
@login_required
def upload(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Accept a ``file``, ``image_url`` or ``audio_url``; answer with its chip, or the reason why not."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    given = request.FILES.getlist("file")
    try:
        if address := request.POST.get("image_url"):
            file = take_address(membership, address)
        elif address := request.POST.get("audio_url"):
            file = take_address(membership, address, StoredFile.Kind.AUDIO)
        elif len(given) == 1:
            file = take_file(membership, given[0], given[0].name or "")
        else:
            raise MediaRefused("Send one file at a time.")
    except MediaRefused as refusal:
        return _refused(refusal)
    return render(request, "chat/_attachment.html", {"file": attached(file, is_unsent=True)})


def _refused(refusal: MediaRefused) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return HttpResponse(str(refusal), content_type="text/plain; charset=utf-8", status=status)


@require_GET
@login_required
def unsent(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Answer with the chips of the uploads that a reloaded page had not sent, as far as they still exist."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    uploads = named_uploads(membership, request.GET.getlist("code"))
    found = [attached(file, is_unsent=True) for file in uploads]
    return render(request, "chat/_attachments_kept.html", {"attachments": found})


@require_POST
@login_required
def discard(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    discard_file(get_unsent_file_for(request.user, code), request.user)
    return HttpResponse()


@require_POST
@login_required
def encoding(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Decode an unsent text file in the posted ``encoding``; answer with its chip, or the reason why not."""
    found = get_unsent_file_for(request.user, code)
    try:
        chosen = choose_encoding(found, request.POST.get("encoding", "")[:40] or "-")
    except MediaRefused as refusal:
        return _refused(refusal)
    return render(request, "chat/_attachment.html", {"file": attached(chosen, is_unsent=True)})


@require_safe
@login_required
def file(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponseBase:
    """Send the bytes of a file as they were uploaded, whole or the range that a player asks for."""
    return send_file(request, get_file_for(request.user, code))


def send_file(request: HttpRequest, found: StoredFile) -> HttpResponseBase:
    """Send the bytes of a file that the reader may see.

    :raises Http404: it has none here, or they are lost.
    """
    # Only the provider fetches a file by its address; this server never does.
    if found.address or not files.storage().exists(found.original_path):
        raise Http404
    size = files.storage().size(found.original_path) if found.has_original else found.byte_size
    tag = f'"{found.content}"'
    if request.headers.get("If-None-Match") == tag:
        return _guarded(HttpResponseNotModified(), tag)
    part = _part(request, tag, size)
    if part is None:
        unsatisfiable = HttpResponse(status=416)
        unsatisfiable["Content-Range"] = f"bytes */{size}"
        return _guarded(unsatisfiable, tag)
    return _guarded(_content(request, found, part, size), tag)


def _part(request: HttpRequest, tag: str, size: int) -> range | None:
    """Return the range of bytes that is asked for, all of them by default; None if it cannot be satisfied."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or not (asked[1] or asked[2]) or request.headers.get("If-Range", tag) != tag:
        return range(size)
    if not asked[1]:
        part = range(max(0, size - int(asked[2])), size)
    else:
        part = range(int(asked[1]), min(size, int(asked[2] or size) + 1))
    return part or None


def _content(request: HttpRequest, found: StoredFile, part: range, size: int) -> HttpResponseBase:
    content = _pieces(found, part) if request.method == "GET" else ()
    response = StreamingHttpResponse(content, content_type=_type(found))
    response["Content-Length"] = str(len(part))
    response["Accept-Ranges"] = "bytes"
    if len(part) < size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    saved = content_disposition_header(found.kind not in _SHOWN, found.name)
    response["Content-Disposition"] = saved or "inline"
    return response


def _type(found: StoredFile) -> str:
    if not found.media_type.startswith("text/"):
        return found.media_type
    return f"text/plain; charset={(found.encoding if found.has_original else '') or 'utf-8'}"


async def _pieces(found: StoredFile, part: range) -> AsyncIterator[bytes]:
    # This is asynchronous because Django reads an ordinary iterator to its end before it sends anything.
    content = await asyncio.to_thread(files.open_original, found)
    try:
        await asyncio.to_thread(content.seek, part.start)
        left = len(part)
        while left and (piece := await asyncio.to_thread(content.read, min(PIECE, left))):
            left -= len(piece)
            yield piece
    finally:
        content.close()


def _guarded(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    """Keep a file from acting with the site's rights, and caches from serving it without a new check."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = tag
    return response
