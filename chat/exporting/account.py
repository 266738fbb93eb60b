"""Everything that is one person's, as a ZIP of JSON files that is written while it is sent."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from accounts.access import memberships_of
from accounts.models import ApiKey, LedgerEntry
from accounts.money import in_usd
from chat.exporting.as_json import as_json
from chat.exporting.columns import columns_in
from chat.models import Conversation, Prompt
from chat.prompts.imported import ReadPrompt, ReadVersion
from chat.prompts.own_format import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User

_PORTION = 500


class _Sent:
    """A file that can be written alone; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data, self._written = b"".join(self._written), []
        return data


def account_archive(user: User) -> Iterator[bytes]:
    """Yield the pieces of the archive: profile, conversations, prompts and usage of a person."""
    sent = _Sent()
    with zipfile.ZipFile(cast("BinaryIO", sent), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in _files(user):
            with archive.open(name, "w") as file:
                for piece in pieces:
                    file.write(piece.encode())
                    yield sent.taken()
    yield sent.taken()


def _files(user: User) -> Iterator[tuple[str, Iterator[str]]]:
    yield "profile.json", iter([json.dumps(_profile(user), indent=2, ensure_ascii=False)])
    # Conversations in a workspace that the person left belong to that workspace alone.
    here = [each.workspace_id for each in memberships_of(user)]
    own = Conversation.objects.filter(owner=user, workspace__in=here, column_of=None, is_temporary=False)
    for conversation in _in_portions(own.select_related("system_prompt", "model__provider")):
        is_one = not conversation.is_comparison
        pieces = as_json(conversation) if is_one else columns_in(conversation, as_json, ",\n")
        yield f"conversations/{conversation.code}.json", pieces
    for prompt in _in_portions(Prompt.objects.filter(created_by=user, workspace__in=here)):
        yield f"prompts/{prompt.code}.json", iter([_prompt(prompt)])
    yield "usage.jsonl", _usage(user)


def _profile(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "address": user.email,
        "joined": user.date_joined.isoformat(),
        "workspaces": [
            {"name": each.workspace.name, "role": each.role, "since": each.created_at.isoformat()}
            for each in memberships_of(user)
        ],
        # The keys themselves can be read by nobody.
        "keys": [
            {"provider": key.provider_code, "label": key.label, "created": key.created_at.isoformat()}
            for key in ApiKey.objects.filter(member=user).order_by("pk")
        ],
    }


def _prompt(prompt: Prompt) -> str:
    versions = prompt.versions.order_by("number")
    read = tuple(ReadVersion(each.number, each.read(), each.note) for each in versions)
    return written([ReadPrompt(prompt.name, read, prompt.description, prompt.production)])


def _usage(user: User) -> Iterator[str]:
    for entry in _in_portions(LedgerEntry.objects.filter(user=user).select_related("workspace")):
        line = {
            "time": entry.held_at.isoformat(),
            "run": str(entry.run_code),
            "workspace": entry.workspace.name,
            "model": entry.model_id,
            "input_tokens": entry.input_tokens,
            "output_tokens": entry.output_tokens,
            "usd": str(in_usd(entry.credits)),
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _in_portions(rows: Any) -> Iterator[Any]:
    """Yield the rows in the order of their keys; each portion is one query, and no cursor stays open."""
    last = 0
    while portion := list(rows.filter(pk__gt=last).order_by("pk")[:_PORTION]):
        yield from portion
        last = portion[-1].pk
