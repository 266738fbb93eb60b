"""The dialects of upstreams: requests written for them, and answers of theirs read.

::

    registry             the list of dialects; each line there names one of the folders below
    dialect              the fields in which dialects differ
    chat_completions/    OpenAI's older endpoint, in the many ways of those compatible with it
    responses/           OpenAI's newer endpoint
    messages/            Anthropic's endpoint

    writing              from a transcript to the fields of a body, for any dialect
    prefilling           the beginning of an answer that the model continues
    taking               the attachments that an endpoint takes
    placing              the place of the system prompt at an endpoint
    translating          parameters of one endpoint in the shapes of another
    shared/transcript    the conversation that all dialects are written from
    shared/call_ids      ids of tool calls, each once
    shared/writing/      accepts, shapes: all that a request schema takes, kept by digest;
                         messages, blocks: OpenAI's and Anthropic's way to write ``messages``;
                         alternatives: the choice between the two; instructions: the system prompt;
                         parts: text and attachments; reasoning: what goes back unread
    shared/parameters/   tools, formats, renaming: parameters that dialects write in their own way
    shared/reading/      normaliser: the base of all readers of answers; the rest: one kind of
                         content each (think, tool_calls, images, sources …), limits and repairs

A further dialect is a folder with a ``DIALECT`` and a line in the registry.
"""

from __future__ import annotations

from playground.upstream.dialects.placing import SystemPlace, system_place
from playground.upstream.dialects.prefilling import trimmed, why_no_prefill, with_prefill
from playground.upstream.dialects.shared.transcript import TranscriptRefused
from playground.upstream.dialects.shared.writing.accepts import Accepts, accepts
from playground.upstream.dialects.taking import Takes, takes, within
from playground.upstream.dialects.translating import joined, translate
from playground.upstream.dialects.writing import required_length, write_transcript

__all__ = [
    "Accepts",
    "SystemPlace",
    "Takes",
    "TranscriptRefused",
    "accepts",
    "joined",
    "required_length",
    "system_place",
    "takes",
    "translate",
    "trimmed",
    "why_no_prefill",
    "with_prefill",
    "within",
    "write_transcript",
]
