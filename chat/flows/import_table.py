from __future__ import annotations

_LONGEST_NAME = 120
