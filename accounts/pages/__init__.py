"""Contexts of this app's templates, each made in a fixed number of queries."""

from __future__ import annotations
