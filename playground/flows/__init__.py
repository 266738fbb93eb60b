"""Flows: each use case that changes the catalogue has a file of its own, verb first.

A flow that changes something takes the user who does it as ``actor``; None stands for a command.
"""

from __future__ import annotations
