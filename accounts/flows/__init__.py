"""What users change in a team: one use case in one file, verb first.

A flow that changes something takes the user who does it as ``actor``.
"""

from __future__ import annotations
