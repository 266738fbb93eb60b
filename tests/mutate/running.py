"""Copies of the repository in which mutants run their tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

# A mutant that runs this many times as long as the unchanged module hangs.
_PATIENCE, _LEAST_SECONDS = 2, 30


class Copy:
    """The tracked files of the work tree in a folder of their own, with one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.folder / name)
        # Compiled files that are checked by content: a mutant may have the size and the second of its source.
        command = ["-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "checked-hash", "."]
        subprocess.run([sys.executable, *command], cwd=self.folder, check=False)
        self._environment = {**os.environ, "DATA_DIR": str(folder / "data"), "PYTHONDONTWRITEBYTECODE": ""}

    def passes(self, tests: Sequence[str], seconds: float) -> bool:
        """Run test modules until the first failure; return False too if they hang."""
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "0", "--no-migrations"]
        child = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return child.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            # Servers that a test started would stay behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def patience(self, tests: Sequence[str]) -> float:
        """Return after how many seconds a mutant hangs.

        :raises RuntimeError: the tests fail without any fault.
        """
        begun = time.monotonic()
        if not self.passes(tests, 1800):
            raise RuntimeError(f"These fail without any fault: {' '.join(tests)}")
        return max(_LEAST_SECONDS, _PATIENCE * (time.monotonic() - begun))

    def kills(self, module: str, mutated: str, tests: Sequence[str], seconds: float) -> bool:
        """Run the tests with ``module`` replaced by ``mutated``; return whether they noticed."""
        path = self.folder / module
        original = path.read_text(encoding="utf-8")
        path.write_text(mutated, encoding="utf-8")
        try:
            return not self.passes(tests, seconds)
        finally:
            path.write_text(original, encoding="utf-8")
