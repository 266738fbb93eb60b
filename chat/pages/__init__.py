"""What the templates of this app get to see: plain values, made from rows in as few queries as it takes."""

from __future__ import annotations
