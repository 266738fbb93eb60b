"""The system prompt above the first message, with its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from chat.models import SystemPrompt
from playground.parameters.schema.request_schema import request_schema_of
from playground.upstream import dialects

if TYPE_CHECKING:
    from datetime import datetime

    from chat.models import Conversation
    from playground.models import Endpoint


@dataclass(slots=True)
class SystemBlock:
    """The system prompt as the page shows it: the current version, or an earlier one to look at."""

    text: str = ""
    # The number of the shown version; 0 if there is none.
    number: int = 0
    # The number of the last version, and of the current one.
    last: int = 0
    current: int = 0
    # The length of the current version in bytes of UTF-8.
    current_bytes: int = 0
    author_name: str = ""
    at: datetime | None = None
    place: dialects.SystemPlace = dialects.SystemPlace.OWN
    # The owner of the default that the text is: "member" or "workspace".
    default_of: str = ""
    # A text that was not stored, and the reason.
    typed: str | None = None
    error: str = ""

    @property
    def is_current(self) -> bool:
        return self.number == self.current

    @property
    def edited_text(self) -> str:
        return self.text if self.typed is None else self.typed

    @property
    def before(self) -> int:
        """The number of the version before the shown one; 0 if there is none."""
        return self.number - 1 if self.number else self.last

    @property
    def after(self) -> int:
        return self.number + 1 if 0 < self.number < self.last else 0


def new_block(text: str, endpoint: Endpoint | None, default_of: str = "") -> SystemBlock:
    """Return the system prompt of a new chat, which has no versions yet."""
    return SystemBlock(text, place=place_at(endpoint), default_of=default_of)


def block_of(conversation: Conversation, endpoint: Endpoint | None, number: int = 0) -> SystemBlock:
    """Return the current system prompt, or the version with that number; none if there is no such version."""
    now_pk = conversation.system_prompt_id
    block = SystemBlock(last=conversation.system_prompt_count, place=place_at(endpoint))
    if now_pk is None and not number:
        return block
    versions = SystemPrompt.objects.filter(Q(pk=now_pk) | Q(number=number), conversation=conversation)
    found = list(versions.select_related("author"))
    for current in (version for version in found if version.pk == now_pk):
        block.current, block.current_bytes = current.number, len(current.text.encode())
    for shown in (version for version in found if version.number == (number or block.current)):
        block.number, block.text, block.at = shown.number, shown.text, shown.created_at
        block.author_name = shown.author.display_name if shown.author else ""
    return block


def place_at(endpoint: Endpoint | None) -> dialects.SystemPlace:
    """Return the place of a system prompt at the chosen endpoint."""
    if endpoint is None:
        return dialects.SystemPlace.OWN
    schema = request_schema_of(endpoint)
    return dialects.system_place(endpoint.kind, schema.digest, schema.translated)
