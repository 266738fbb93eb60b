"""Conversations as files: Markdown to read, JSON to import again, and the requests of the runs as JSON lines.

Each module yields a file in pieces and reads the messages in portions, so that a long conversation needs
no more memory than a short one.
"""

from __future__ import annotations
