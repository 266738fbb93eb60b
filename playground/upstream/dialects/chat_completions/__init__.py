"""``/v1/chat/completions``, as OpenAI and those compatible with it have it."""

from __future__ import annotations

from functools import partial

from playground.upstream.dialects.chat_completions.read import ChatCompletionsNormaliser
from playground.upstream.dialects.chat_completions.tools import SHAPES
from playground.upstream.dialects.dialect import Dialect
from playground.upstream.dialects.shared.writing.alternatives import message_list, write_preferred

DIALECT = Dialect(
    kind="chat/completions",
    label="Chat Completions",
    normaliser=ChatCompletionsNormaliser,
    write=partial(write_preferred, prefers_blocks=False),
    transcript="messages",
    # Some pages for Claude take Anthropic's field here, too.
    instructions="system",
    transcript_schema=message_list,
    tools=SHAPES,
    listed_as=frozenset({"chat", "text", "llm", "model"}),
    # "text-to-speech" and "text-embedding" contain "text" as well.
    never_listed_as=frozenset(
        {"image", "images", "video", "speech", "audio", "embedding", "embeddings", "moderation"}
    ),
)
