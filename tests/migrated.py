"""An SQLite database with all migrations, made once and copied: they take seconds.

It is kept in pytest's cache as long as no migration changes, so that the next run starts at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import django
from django.apps import apps
from django.conf import settings

if TYPE_CHECKING:
    import pytest


# Databases of other branches and commits are kept too: somebody may come back to them.
_KEPT = 5


def copy_migrated(config: pytest.Config, to: Path) -> None:
    """Put a migrated database at ``to``. A run without pytest’s cache migrates anew."""
    cache = getattr(config, "cache", None)
    if cache is None:
        return
    folder = cache.mkdir("migrated")
    kept = folder / f"{_digest()}.sqlite3"
    # Two workers that miss it at once both make it, which does no harm.
    if not kept.exists():
        _migrate(kept)
        for old in sorted(folder.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    shutil.copyfile(kept, to)


def _migrate(kept: Path) -> None:
    with TemporaryDirectory(dir=kept.parent) as data:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            env={**environment, "DATA_DIR": data},
            cwd=settings.BASE_DIR,
            check=True,
            timeout=600,
        )
        (Path(data) / "playground.sqlite3").replace(kept)


def _digest() -> str:
    content = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        for file in sorted((Path(app.path) / "migrations").glob("*.py")):
            content.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return content.hexdigest()[:16]
