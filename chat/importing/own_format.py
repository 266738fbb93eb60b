"""The marks of our own JSON: see docs/export.md."""

from __future__ import annotations

FORMAT = "playground-conversation"
# A change that readers of version 1 would misunderstand needs a new number.
VERSION = 1
# The value of ``Message.data["imported"]["from"]`` for messages from such a file.
FROM_HERE = "a playground export"
