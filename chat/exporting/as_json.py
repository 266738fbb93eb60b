"""The whole tree of a conversation as JSON, which ``chat.importing`` reads again: see docs/export.md."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from chat.exporting.portions import whole_tree
from chat.files import read
from chat.importing.own_format import FORMAT, FROM_HERE, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.exporting.portions import Exported
    from chat.models import Conversation, Run, StoredFile

Json = dict[str, Any]

# The bytes of files that one export contains; further files are only named.
MOST_FILE_BYTES = 32 * 1024 * 1024


def as_json(conversation: Conversation) -> Iterator[str]:
    """Yield the pieces of the document."""
    head = _json(_head(conversation)).removesuffix("}")
    yield f'{head}, "messages": ['
    writer = _Writer()
    is_first = True
    for portion in whole_tree(conversation):
        for each in portion:
            yield ("\n" if is_first else ",\n") + _json(writer.entry(each))
            is_first = False
    shown = writer.numbers.get(conversation.head_id or 0)
    yield f'\n], "head": {_json(shown)}}}\n'


def _head(conversation: Conversation) -> Json:
    current = conversation.system_prompt
    model = conversation.model
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "setting": {
            "provider": model.provider.code if model else "",
            "model": model.model_id if model else "",
            "endpoint": conversation.endpoint_kind,
            "parameters": conversation.parameters,
        },
        "system_prompts": [
            {"number": each.number, "text": each.text, "created_at": each.created_at.isoformat()}
            for each in conversation.system_prompts.all()
        ],
        "system_prompt": current.number if current else None,
    }


class _Writer:
    """The entries of messages. They are numbered from 1, and so are the files."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self._files = 0
        self._bytes = 0

    def entry(self, each: Exported) -> Json:
        message = each.message
        self.numbers[message.pk] = number = len(self.numbers) + 1
        files = {str(file.code): self._file(file) for file in each.files}
        data, run = dict(message.data), _run(each.run) if each.run else None
        imported = data.get("imported", {})
        if imported.get("from") == FROM_HERE:
            data.pop("imported")
            run = imported.get("run")
        entry = {
            "id": number,
            "parent": self.numbers.get(message.parent_id or 0),
            "role": message.role,
            "author": each.author_name,
            "created_at": message.created_at.isoformat(),
            "text": message.text,
            "reasoning": message.reasoning,
            "data": _with_names(data, {code: file["id"] for code, file in files.items()}),
            "system_prompt": message.system_prompt.number if message.system_prompt else None,
            "run": run,
            "provider": message.provider_code,
            "model": message.model_id,
            "is_edited": message.is_edited,
            "is_example": message.is_example,
            "files": list(files.values()),
        }
        # The id and the parent are always there.
        return {
            name: value for name, value in entry.items() if name in {"id", "parent", "role", "text"} or value
        }

    def _file(self, file: StoredFile) -> Json:
        self._files += 1
        known = {
            "id": f"file-{self._files}",
            "kind": file.kind,
            "name": file.name,
            "media_type": file.media_type,
            "byte_size": file.byte_size,
            "address": file.address,
            "width": file.width,
            "height": file.height,
            "seconds": file.seconds,
            "content": self._content(file),
        }
        return {name: value for name, value in known.items() if value}

    def _content(self, file: StoredFile) -> str:
        """Return the bytes in base64; empty if there are none or if the export is large already."""
        if file.address or self._bytes + file.byte_size > MOST_FILE_BYTES:
            return ""
        try:
            content = read(file)
        except FileNotFoundError:
            return ""
        self._bytes += len(content)
        return base64.b64encode(content).decode()


def _run(run: Run) -> Json:
    """Return what a run was asked for and what it used, as its receipt shows it."""
    error = {name: run.error.get(name) for name in ("kind", "message")} if run.error else None
    found = {
        "provider": run.provider_code,
        "model": run.model_id,
        "endpoint": run.endpoint_kind,
        "parameters": run.parameters,
        "status": run.status,
        "finish_reason": run.finish_reason,
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "first_token_ms": run.first_token_ms,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "reasoning_tokens": run.reasoning_tokens,
        "usd": str(run.usd) if run.usd is not None else None,
        "error": error,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _with_names(data: Json, names: dict[str, str]) -> Json:
    """Name the files of an answer's pictures and sound as the export names them.

    The provider's id of the sound is left out: only the account that asked can use it, for a short time.
    """
    data.pop("audio_id", None)
    if isinstance(data.get("images"), list):
        data["images"] = [_named(image, names) for image in data["images"]]
    if isinstance(data.get("audio"), dict):
        data["audio"] = _named(data["audio"], names)
    return data


def _named(found: Any, names: dict[str, str]) -> Any:
    if not isinstance(found, dict) or "file" not in found:
        return found
    return {**found, "file": names.get(found["file"], "")}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
