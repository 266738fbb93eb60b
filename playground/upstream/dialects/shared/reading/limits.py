"""How much of each kind an answer may hold. Far more than any has; what comes beyond is left out.

The bytes of an answer are bounded where they are read. These bound what few bytes could make many of.
"""

from __future__ import annotations

MAX_VALUES = 500_000
MAX_CHOICES = 128
MAX_TOOL_CALLS = 256
# Output items, content blocks, calls of a provider's own tools.
MAX_ITEMS = 1_000
MAX_CITATIONS = 1_000
MAX_IMAGES = 32
# Tokens and their alternatives, counted together.
MAX_LOGPROBS = 50_000
MAX_UNKNOWN_NAMES = 50
MAX_WAITING_HALVES = 256
# White space that cannot be told yet to belong to the reasoning or to the answer.
MAX_HELD = 1_024
# What a provider's own tool was given, and what came of it: both only to be looked at.
MAX_TOOL_TEXT = 20_000
MAX_TOOL_RESULTS = 50
MAX_URL = 2_000
MAX_TITLE = 300
MAX_QUOTE = 1_000
