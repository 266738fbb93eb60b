"""Flows: each use case that changes a team has a file of its own, verb first.

A flow that changes something takes the user who does it as ``actor``.
"""

from __future__ import annotations
