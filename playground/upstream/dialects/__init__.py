"""One transcript, three dialects: ``chat/completions``, ``responses`` and ``messages``.

::

    writing           a transcript and what a schema accepts, to the fields of a body
    chat_completions  blocks  responses      one each; Claude's pages mix the first two
    instructions      where the system prompt goes   reasoning   what goes back unread
    parts             text and attachments           accepts     what a schema takes, kept by digest
    transcript        the model of a conversation    taking           what a prompt may hold beside text
"""

from __future__ import annotations

from playground.upstream.dialects.shared.transcript import TranscriptRefused
from playground.upstream.dialects.shared.writing.accepts import Accepts, accepts
from playground.upstream.dialects.taking import Takes, takes, within
from playground.upstream.dialects.writing import required_length, write_transcript

__all__ = [
    "Accepts",
    "Takes",
    "TranscriptRefused",
    "accepts",
    "required_length",
    "takes",
    "within",
    "write_transcript",
]
