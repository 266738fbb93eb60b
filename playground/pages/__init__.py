"""What this app's templates get to see, made from rows in as few queries as it takes."""

from __future__ import annotations
