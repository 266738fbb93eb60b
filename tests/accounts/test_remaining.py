"""Sentences of the pages about the rest of a limit."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
