from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.views.decorators.http import require_GET

from accounts import audit as log
from accounts.models import AuditAction
from chat.columns import get_named_conversation_for
from chat.exporting.as_json import as_json
from chat.exporting.as_markdown import as_markdown
from chat.exporting.as_requests import as_requests
from chat.exporting.columns import columns_in
from chat.views.downloads import as_file

if TYPE_CHECKING:
    from django.http import StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest

# The name in the address: the writer, the text between the columns of a comparison, and the end of the
# file's name.
_FORMATS = {
    "markdown": (as_markdown, "\n", ".md"),
    "json": (as_json, ",\n", ".json"),
    "jsonl": (as_requests, "", " requests.jsonl"),
}


@require_GET
@login_required
def export(request: AuthenticatedHttpRequest, code: UUID) -> StreamingHttpResponse:
    """Send a conversation or a comparison as a file: ``?as=`` markdown, json or jsonl."""
    conversation = get_named_conversation_for(request.user, code).conversation
    if request.GET.get("as", "markdown") not in _FORMATS:
        raise Http404
    log.record(
        conversation.workspace_id,
        AuditAction.EXPORT_CONVERSATION,
        actor=request.user,
        subject=conversation,
        code=conversation.code,
    )
    write, between, ending = _FORMATS[request.GET.get("as", "markdown")]
    is_one = not conversation.is_comparison
    pieces = write(conversation) if is_one else columns_in(conversation, write, between)
    return as_file(pieces, conversation.title, ending)
