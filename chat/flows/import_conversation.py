from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.timezone import now

from accounts.names import one_line
from chat import files
from chat.flows.add_messages import add_messages
from chat.flows.take_address import file_at_address
from chat.media import MediaRefused, examine
from chat.models import Conversation, Message, StoredFile, SystemPrompt
from chat.titles import title_of
from playground.access import endpoint_of, models_for
from playground.parameters.form.carrying import UNKNOWN, carry_over
from playground.upstream.dialects.registry import endpoint_kinds
from playground.upstream.dialects.shared.transcript import FETCHED

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Membership
    from chat.importing.found import FoundConversation, FoundFile, FoundMessage
    from playground.models import Endpoint

_LONGEST_TITLE = 120


def import_conversation(membership: Membership, found: FoundConversation) -> Conversation:
    """Store a conversation from a file as a private one of the member's, whole or not at all.

    Times in the future become the present. A file that cannot be kept is left out.
    """
    # The files are examined and written first, so that the transaction is short.
    kept = {message.id: _files(membership, message) for message in found.messages}
    try:
        with transaction.atomic():
            return _store(membership, found, kept)
    except BaseException:
        for file in (each for of_message in kept.values() for each in of_message.values()):
            files.remove(file)
        raise


def _store(
    membership: Membership, found: FoundConversation, kept: dict[str, dict[str, StoredFile]]
) -> Conversation:
    conversation = _conversation(membership, found)
    versions = SystemPrompt.objects.bulk_create(
        SystemPrompt(
            conversation=conversation,
            number=number,
            text=prompt.text,
            author=membership.user,
            created_at=_past(prompt.at, now()),
        )
        for number, prompt in enumerate(found.system_prompts, 1)
    )
    messages = [_message(each, membership, versions, kept[each.id]) for each in found.messages]
    places = {each.id: place for place, each in enumerate(found.messages)}
    add_messages(
        conversation, messages, [places[each.parent] if each.parent else None for each in found.messages]
    )
    for each, message in zip(found.messages, messages, strict=True):
        for place, file in enumerate(kept[each.id].values()):
            file.message, file.place = message, place
            file.save()
    conversation.head = messages[places.get(found.head, len(messages) - 1)]
    conversation.system_prompt = versions[found.system_prompt - 1] if found.system_prompt else None
    conversation.save(update_fields=["head", "system_prompt"])
    return conversation


def _conversation(membership: Membership, found: FoundConversation) -> Conversation:
    first = next((each.text for each in found.messages if each.role == "user" and each.text), "")
    present = now()
    first_at = next((each.at for each in found.messages if each.at), None)
    created_at = _past(found.created_at or first_at or found.updated_at, present)
    title = one_line(found.title)[:_LONGEST_TITLE]
    conversation = Conversation(
        workspace=membership.workspace,
        owner=membership.user,
        title=title or title_of(first or "Imported conversation"),
        is_title_chosen=bool(title),
        created_at=created_at,
        updated_at=max(_past(found.updated_at, present), created_at),
        # The rule of the workspace gives an old one its time, too.
        kept_since=present,
    )
    _set(conversation, membership, found.setting)
    conversation.save()
    return conversation


def _past(at: datetime | None, present: datetime) -> datetime:
    return min(at, present) if at else present


def _set(conversation: Conversation, membership: Membership, setting: dict[str, Any]) -> None:
    """Choose the model and the parameters that the file names, as far as the member can use them."""
    endpoint = _endpoint(membership, setting)
    parameters = setting.get("parameters")
    if endpoint is None:
        return
    parameters = parameters if isinstance(parameters, dict) else {}
    carried = carry_over(endpoint, parameters)
    extra = {each.name: each.value for each in carried.dropped if each.reason == UNKNOWN}
    conversation.take(endpoint, {**carried.kept, **extra}, {})


def _endpoint(membership: Membership, setting: dict[str, Any]) -> Endpoint | None:
    model_id, provider, kind = (str(setting.get(name) or "") for name in ("model", "provider", "endpoint"))
    if not model_id or "\0" in model_id + provider:
        return None
    models = models_for(membership).filter(model_id=model_id)
    # Another provider may have the same model.
    model = models.filter(provider__code=provider).first() or models.first()
    return endpoint_of(model, kind if kind in endpoint_kinds() else "") if model else None


def _message(
    found: FoundMessage,
    membership: Membership,
    versions: list[SystemPrompt],
    kept: dict[str, StoredFile],
) -> Message:
    data = dict(found.data)
    codes = {code: str(file.code) for code, file in kept.items()}
    # The answer's own pictures and sound are among its files.
    if "images" in data:
        data["images"] = [image for each in data["images"] if (image := _with_file(each, codes))]
    if "audio" in data and (sound := _with_file(data.pop("audio"), codes)) is not None:
        data["audio"] = sound
    is_own = found.data.get("imported", {}).get("author") in (None, "", membership.user.display_name)
    return Message(
        role=found.role,
        text=found.text,
        reasoning=found.reasoning,
        data=data,
        author=membership.user if is_own and found.role != Message.Role.ASSISTANT else None,
        created_at=_past(found.at, now()),
        provider_code=found.provider,
        model_id=found.model,
        is_edited=found.is_edited,
        is_example=found.is_example,
        system_prompt=versions[found.system_prompt - 1] if found.system_prompt else None,
    )


def _with_file(found: dict[str, Any], codes: dict[str, str]) -> dict[str, Any] | None:
    """Name the stored file; None if the import has none of that name."""
    if "file" not in found:
        return found
    return {**found, "file": codes[found["file"]]} if found["file"] in codes else None


def _files(membership: Membership, message: FoundMessage) -> dict[str, StoredFile]:
    """Write the bytes of a message's files. The rows are saved with the message."""
    kept = {}
    for found in message.files:
        if file := _file(membership, found):
            kept[found.id] = file
    return kept


def _file(membership: Membership, found: FoundFile) -> StoredFile | None:
    try:
        if found.address:
            kind = found.kind if found.kind in FETCHED else StoredFile.Kind.IMAGE
            return file_at_address(membership, found.address, StoredFile.Kind(kind))
        if not found.content:
            return None
        content = base64.b64decode(found.content, validate=True)
        return files.put(examine(content, found.name), membership.workspace, uploader=membership.user)
    except (MediaRefused, binascii.Error, ValueError):
        return None
