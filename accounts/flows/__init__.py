"""What people do with their team: one file for each, verb first."""

from __future__ import annotations
