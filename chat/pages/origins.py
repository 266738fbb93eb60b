"""Messages that no run of ours has made: copies, examples, edited and imported answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.markdown import plain_text
from chat.models import Message
from chat.transcript import calls_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.models import Run


def origin_of(message: Message) -> str:
    """Say where an answer without a run comes from."""
    if message.is_example:
        return "Example"
    if message.is_edited:
        return f"Edited by {message.author.display_name if message.author else 'somebody'}"
    if "imported" in message.data:
        return "Imported"
    if message.copied_from_id is not None or message.model_id:
        return "Copy"
    return f"Written by {message.author.display_name}" if message.author else "Written by hand"


def source_model_of(message: Message, names: Mapping[tuple[str, str], str]) -> str:
    """Return the name of the model that wrote the original of an answer, as far as that is known."""
    written = message.provider_code, message.model_id
    return names.get(written, "") or message.data.get("imported", {}).get("model", "")


def example_place_of(message: Message) -> str:
    """Return where an example may stand without separating calls from their results."""
    if message.role == Message.Role.USER:
        return "above"
    return "below" if message.role == Message.Role.ASSISTANT and not calls_of(message) else ""


def author_name_of(message: Message) -> str:
    """Return the name of the person who wrote a message; that of an imported one may be no member's."""
    if message.author:
        return message.author.display_name
    return str(message.data.get("imported", {}).get("author", ""))


def prefilled(message: Message, run: Run | None) -> int:
    """Count the characters, without white space, with which a person has started an answer.

    Markdown shows fewer than were written.
    """
    prefill = run.prefill if run is not None and run.is_live else message.data.get("prefill", "")
    return len("".join(plain_text(prefill).split())) if prefill else 0
