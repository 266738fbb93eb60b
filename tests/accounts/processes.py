"""Processes of their own that work on a test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from django.db import connection

from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def start(module: str, *words: str, data: Path, **variables: str) -> subprocess.Popen[str]:
    """Start a module of the tests as a program, with the settings of this installation."""
    known = {
        **os.environ,
        "DATABASE_URL": _address(),
        "DATA_DIR": str(data),
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "playground.settings",
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-m", module, *words], cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True
    )


def _address() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgresql://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
