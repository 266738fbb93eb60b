"""``/v1/messages``, as Anthropic has it."""

from __future__ import annotations

from functools import partial

from playground.upstream.dialects.dialect import Dialect
from playground.upstream.dialects.messages.read import MessagesNormaliser
from playground.upstream.dialects.messages.tools import SHAPES
from playground.upstream.dialects.shared.writing.alternatives import message_list, write_preferred

DIALECT = Dialect(
    kind="messages",
    label="Messages",
    normaliser=MessagesNormaliser,
    write=partial(write_preferred, prefers_blocks=True),
    transcript="messages",
    instructions="system",
    transcript_schema=message_list,
    needs_length="max_tokens",
    # Anthropic's protocol names the version of its shapes in a header:
    # https://platform.claude.com/docs/en/api/versioning
    headers={"anthropic-version": "2023-06-01"},
    tools=SHAPES,
    listed_as=frozenset({"messages"}),
)
