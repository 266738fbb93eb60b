"""The contexts of this app's templates: plain values, made from rows in as few queries as possible."""

from __future__ import annotations
