"""Limits of the parts of an answer. They are far above real answers; parts beyond them are left out.

The size of an answer in bytes is limited where it is read. These limits are for parts that take few
bytes each, so that an answer within its size could hold too many of them.
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
# Characters of white space held back until it is clear whether they belong to the reasoning.
MAX_HELD = 1_024
# Characters before a closing tag that has no opening one, all of which were reasoning.
MAX_PREFILLED = 1_000_000
# Input and output of a tool that the provider runs, which pages only show.
MAX_TOOL_TEXT = 20_000
MAX_TOOL_RESULTS = 50
MAX_URL = 2_000
MAX_TITLE = 300
MAX_QUOTE = 1_000
