"""The script that installs a lock and says how far it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.repository import ROOT

LOCK = "one==1.0 \\\n    --hash=sha256:00\ntwo==2.0 ; sys_platform == 'linux' \\\n    --hash=sha256:00\n"
OUTPUT = """Collecting one==1.0 (from -r lock)
Processing /index/two-2.0.whl
Installing collected packages: one, two"""


@pytest.fixture
def install(tmp_path: Path):
    """Install with a pip that writes ``OUTPUT`` and ends with ``status``."""

    def run(status: int) -> subprocess.CompletedProcess[str]:
        (tmp_path / "lock").write_text(LOCK)
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\necho '{OUTPUT}'\nexit {status}\n")
        python.chmod(0o755)
        script = ["sh", str(ROOT / "requirements" / "install.sh"), str(python), str(tmp_path / "lock")]
        return subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.mark.parametrize("status", [0, 3])
def test_it_ends_as_pip_ended(install, status):
    ended = install(status)

    assert bool(ended.returncode) == bool(status)
    # A log gets one line, without control characters.
    assert len(ended.stdout.splitlines()) == 1
    assert "takes about a minute" in ended.stdout
    assert "\033" not in ended.stdout
