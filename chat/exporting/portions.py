"""The messages of a conversation in portions, with what an export needs of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.models import Message, Run, StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from chat.models import Conversation

PORTION = 200


@dataclass(frozen=True, slots=True)
class Exported:
    message: Message
    # None for a message that no run made.
    run: Run | None
    files: list[StoredFile]

    @property
    def author_name(self) -> str:
        """The name of the person who wrote it; empty if it is not known."""
        if self.message.author:
            return self.message.author.display_name
        return str(self.message.data.get("imported", {}).get("author", ""))


def whole_tree(conversation: Conversation) -> Iterator[list[Exported]]:
    """Yield all messages. Every parent comes before its children."""
    after = 0
    messages = Message.objects.filter(conversation=conversation).order_by("pk")
    while portion := _loaded(messages.filter(pk__gt=after)[:PORTION]):
        yield portion
        after = portion[-1].message.pk


def along(path: list[int]) -> Iterator[list[Exported]]:
    """Yield the messages with these keys, which follow each other on a branch."""
    for start in range(0, len(path), PORTION):
        keys = path[start : start + PORTION]
        found = {each.message.pk: each for each in _loaded(Message.objects.filter(pk__in=keys))}
        yield [found[pk] for pk in keys if pk in found]


def _loaded(messages: QuerySet[Message]) -> list[Exported]:
    found = list(
        messages.select_related("author", "run", "system_prompt").defer("run__body", "run__references")
    )
    files: dict[int | None, list[StoredFile]] = {}
    for file in StoredFile.objects.filter(message__in=[message.pk for message in found]):
        files.setdefault(file.message_id, []).append(file)
    return [Exported(message, getattr(message, "run", None), files.get(message.pk, [])) for message in found]
