"""What people make happen with the catalogue: one use case, one file."""

from __future__ import annotations
