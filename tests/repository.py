"""The files of this checkout, for tests that read the code itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# An app may import those after it.
APPS = ("chat", "playground", "accounts")
CODE = (*APPS, "bench", "tests")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return our modules. Migrations are left out because Django writes them."""
    found = [path for folder in folders or CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(path for path in found if "migrations" not in path.parts)


@cache
def templates() -> tuple[Path, ...]:
    return tuple(sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file()))


@cache
def static_files(*suffixes: str) -> tuple[Path, ...]:
    return tuple(sorted(path for path in (ROOT / "static").rglob("*") if path.suffix in suffixes))


@cache
def documents() -> tuple[Path, ...]:
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
