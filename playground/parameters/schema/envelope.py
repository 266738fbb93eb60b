"""The properties of a request body that are no parameters.

The product fills them in itself. Those that hold the transcript differ between the dialects of
upstreams (``playground.upstream.dialects``), which lie above this package, so the registry of
dialects reserves them here when it is imported. ``playground.apps`` imports it at the start.
"""

from __future__ import annotations

# Names that no form shows.
ENVELOPE = {"model", "stream", "stream_options"}
# Names that no upstream refuses as parameters: those that every request needs, and the system prompt.
FIXED = {"model", "stream"}


def reserve(transcript: str, instructions: str) -> None:
    """Add the properties that hold a dialect's messages and its system prompt."""
    ENVELOPE.update((transcript, instructions))
    FIXED.update((transcript, instructions))
