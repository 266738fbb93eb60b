"""Comparisons: up to eight conversations side by side, the columns, which receive the same prompts.

The entry of a comparison is a conversation without messages. By it the comparison is listed, named, shared,
placed, deleted and restored like any conversation.
"""

from __future__ import annotations

# The fewest and the most columns of a comparison.
FEWEST_COLUMNS, MOST_COLUMNS = 2, 8
