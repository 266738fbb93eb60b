"""What users change in the catalogue: one use case in one file, verb first.

A flow that changes something takes the user who does it as ``actor``; None stands for a command.
"""

from __future__ import annotations
