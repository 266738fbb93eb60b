"""Conversations in files: our own export, the requests of runs, and the exports of ChatGPT and Open WebUI.

``read.read_conversations`` finds out which of them a file is and yields one conversation after the other,
so that a large file needs no more memory than its largest conversation. Nothing here knows the database.
"""

from __future__ import annotations
