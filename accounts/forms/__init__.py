"""Forms of pages: fields and their checks. A flow stores what a form holds."""

from __future__ import annotations
