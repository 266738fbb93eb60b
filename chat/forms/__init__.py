"""Forms of pages: fields, and what they refuse. What a form holds is written by a flow."""

from __future__ import annotations
