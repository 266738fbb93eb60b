"""The requests of a conversation's runs as JSON lines: the bodies that were sent, one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import Run
from chat.references import encoded, files_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.models import Conversation


def as_requests(conversation: Conversation) -> Iterator[str]:
    """Yield a line for each run, the oldest first. A file that no longer exists stays a name in its line."""
    runs = Run.objects.filter(conversation=conversation).order_by("pk")
    after = 0
    # A body contains its whole transcript, and its files: one at a time is enough for the memory.
    while run := runs.filter(pk__gt=after).only("body", "references").first():
        after = run.pk
        try:
            line = encoded(run.body, run.references, files_of(run))
        except FileNotFoundError:
            line = encoded(run.body, (), {})
        yield line.decode() + "\n"
