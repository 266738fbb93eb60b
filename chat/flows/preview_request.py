from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import keys
from chat.exceptions import AnswerPending, AttachmentGone
from chat.flows.build_request import build_request
from chat.models import Conversation, Message, Run, StoredFile
from chat.transcript import branch
from playground import clients

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User, Workspace
    from chat.flows.build_request import BuiltRequest, Choice
    from chat.models import Draft
    from playground.models import Endpoint
    from playground.pricing import Estimate


@dataclass(frozen=True, slots=True)
class PreviewedRequest:
    """A request that was built and not sent.

    ``headers`` are those that do not depend on the connection. The key is reduced to its last characters.
    ``files`` are those that the references of the request name.
    """

    request: BuiltRequest
    endpoint: Endpoint
    url: str
    headers: dict[str, str]
    estimate: Estimate
    files: list[StoredFile]


def preview_request(
    setting: Conversation | Draft,
    user: User,
    text: str,
    choice: Choice,
    attachments: Sequence[UUID] = (),
    system_text: str | None = None,
) -> PreviewedRequest:
    """Build the request that a prompt would send from a conversation or from a draft. Nothing is stored.

    ``system_text`` is the system prompt that the page of a new chat shows; without it, the stored one counts.
    A limit is not checked, since it depends on the other runs of the moment.

    :raises AnswerPending, AttachmentGone, BodyInvalid, TranscriptRefused: the prompt could not be sent.
    """
    workspace = setting.workspace
    messages = _branch(setting) if isinstance(setting, Conversation) else []
    prompt = Message(role=Message.Role.USER, text=text, author=user)
    uploads = _uploads(attachments, user, workspace)
    if system_text is None or isinstance(setting, Conversation):
        system_text = setting.system_text
    request = build_request(choice, workspace.pk, [*messages, prompt], system_text, uploads, user)
    call, provider = choice.endpoint, choice.endpoint.model.provider
    key = keys.resolve(workspace, user, provider.code, call.model.model_id)
    sent = clients.stream_request(provider, call.kind, request.body, key, "")
    headers = {**sent.open_headers, **({"Authorization": f"Bearer …{key.last4}"} if key else {})}
    codes = {reference["file"] for reference in request.references}
    files = list(StoredFile.objects.filter(code__in=codes)) if codes else []
    return PreviewedRequest(request, call, sent.url, headers, request.estimate(call.model), files)


def _branch(conversation: Conversation) -> list[Message]:
    if Run.objects.filter(
        conversation=conversation, answer=conversation.head_id, status__in=Run.LIVE
    ).exists():
        raise AnswerPending
    return branch(conversation, conversation.head_id)


def _uploads(codes: Sequence[UUID], user: User, workspace: Workspace) -> list[StoredFile]:
    """Return the uploads in the order of ``codes``.

    :raises AttachmentGone: one of them cannot be sent.
    """
    found = StoredFile.objects.filter(
        code__in=codes, uploader=user, workspace=workspace, message=None, queued=None
    )
    files = {file.code: file for file in found} if codes else {}
    if not files.keys() >= set(codes):
        raise AttachmentGone
    return [files[code] for code in codes]
