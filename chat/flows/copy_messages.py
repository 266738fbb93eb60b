from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat import files
from chat.flows.add_messages import add_messages
from chat.models import Message, Run, StoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat.models import Conversation, SystemPrompt


def copy_messages(
    messages: Sequence[Message],
    conversation: Conversation,
    parent: Message | None,
    versions: Mapping[int, SystemPrompt] | None = None,
) -> list[Message]:
    """Copy a stretch of a branch below ``parent``, with its files; return the copies, first one first.

    A run belongs to one answer, so a copied answer has none: its original has the run. ``versions`` are the
    system prompts of another conversation, by the keys of those that they are copies of. Call it in a
    transaction that locks the conversations of both.
    """
    if not messages:
        return []
    pks = [message.pk for message in messages]
    runs = Run.objects.filter(answer__in=pks).values_list("answer_id", "provider_code", "model_id")
    writers = {pk: (provider_code, model_id) for pk, provider_code, model_id in runs}
    originals = list(StoredFile.objects.select_for_update().filter(message__in=pks))
    copied = {str(file.code): files.copy_of(file) for file in originals}
    codes = {code: str(file.code) for code, file in copied.items()}
    copies = [_copy(message, writers.get(message.pk), codes) for message in messages]
    for copy in copies:
        if versions is not None and copy.system_prompt_id is not None:
            copy.system_prompt = versions[copy.system_prompt_id]
    add_messages(conversation, copies, [None, *range(len(copies) - 1)], below=parent)
    by_original = dict(zip(pks, copies, strict=True))
    for file in originals:
        copied[str(file.code)].message = by_original[file.message_id or 0]
    StoredFile.objects.bulk_create(copied.values())
    return copies


def writer_of(message: Message) -> tuple[str, str]:
    """Return the codes of the provider and of the model that wrote an answer or its original, if any did."""
    runs = Run.objects.filter(answer=message).values_list("provider_code", "model_id")
    return runs.first() or (message.provider_code, message.model_id)


def _copy(message: Message, writer: tuple[str, str] | None, codes: Mapping[str, str]) -> Message:
    provider_code, model_id = writer or (message.provider_code, message.model_id)
    return Message(
        role=message.role,
        text=message.text,
        reasoning=message.reasoning,
        data=_with_files(message.data, codes),
        author_id=message.author_id,
        system_prompt_id=message.system_prompt_id,
        copied_from_id=message.copied_from_id or message.pk,
        provider_code=provider_code,
        model_id=model_id,
        is_edited=message.is_edited,
        is_example=message.is_example,
        created_at=message.created_at,
    )


def _with_files(data: dict[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of an answer with the names of the copied files.

    Only the account that asked can use the provider's id of its audio, and a copy may go elsewhere.
    """

    def renamed(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "file": codes[found["file"]]} if found.get("file") in codes else found

    changed = {name: value for name, value in data.items() if name != "audio_id"}
    if "images" in data:
        changed["images"] = [renamed(image) for image in data["images"]]
    if isinstance(data.get("audio"), dict):
        changed["audio"] = renamed(data["audio"])
    return changed
