"""The lock files: complete, with hashes, and equal to the installed packages."""

from __future__ import annotations

import re
import sysconfig
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.repository import ROOT

LOCKS = ("base", "dev")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> dict[tuple[str, str], str]:
    """Return versions by package and environment marker."""
    found = re.findall(
        r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?: ; ([^\\]+?))? \\$", lock(name), re.MULTILINE
    )
    return {(package, marker): version for package, version, marker in found}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_hash(name):
    entries = re.split(r"\n(?=\S)", lock(name).strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(pins(name))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_get_packages_from(name):
    assert "://" not in lock(name)
    assert re.findall(r"^\s*-(?!-hash)\S*", lock(name), re.MULTILINE) == []


def test_tests_run_with_the_versions_that_serve():
    assert pins("base").items() <= pins("dev").items()


@pytest.mark.parametrize(
    ("name", "requirements"),
    [("base", PROJECT["project"]["dependencies"]), ("dev", PROJECT["dependency-groups"]["dev"])],
)
def test_the_lock_fits_what_the_project_asks_for(name, requirements):
    locked = {package: version for (package, _), version in pins(name).items()}
    for text in requirements:
        wanted = Requirement(text)
        assert wanted.specifier.contains(locked[wanted.name.lower()]), text


def test_no_gateway_to_other_models_is_installed():
    # Two of its releases stole credentials in 2026.
    assert not [package for package, _ in pins("dev") if "litellm" in package]


def test_nothing_runs_at_every_start_of_python():
    # Lines of .pth files run before any import; a stolen package would hide there.
    known = {"distutils-precedence.pth", "_virtualenv.pth", "a1_coverage.pth"}
    folder = Path(sysconfig.get_path("purelib"))
    code = [
        path.name
        for path in folder.glob("*.pth")
        if re.search(r"^import[ \t]", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert set(code) <= known
