"""The names of the parameters that limit the length of an answer, in tokens."""

from __future__ import annotations

# A model that has several of them prefers the first; the others are kept for old clients.
OUTPUT_LENGTHS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
