"""Child processes of a measurement: started, watched through /proc, and always ended."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


class Child:
    """A process whose processor time and memory can be read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @property
    def cpu_seconds(self) -> float:
        """Return the user and system time of all its threads so far; see proc(5)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        # The name in brackets may hold spaces; the fields after it are counted from 3.
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory_mb(self) -> float:
        """Return the resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1000 if found else 0.0

    def line(self) -> str:
        """Wait for the next line that the process prints, and return it."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without variables that name a real installation."""
    ours = {"DATABASE_URL", "REDIS_URL", "PUBLIC_ORIGIN", "DATA_DIR", "DEBUG"}
    return {**{name: value for name, value in os.environ.items() if name not in ours}, **more}


@contextmanager
def running(words: list[str], variables: dict[str, str], log: Path) -> Iterator[Child]:
    """Run ``python <words>`` in the repository until the block ends."""
    with log.open("a", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    with process:
        try:
            yield Child(process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def run(words: list[str], variables: dict[str, str], timeout: float = 300.0) -> str:
    """Run ``python <words>`` to its end and return what it printed."""
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{ended.stdout}\n{ended.stderr}")
    return ended.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, child: Child) -> float:
    """Return the seconds until the address answers, with any status."""
    started = time.monotonic()
    while time.monotonic() - started < _START_SECONDS:
        if child.process.poll() is not None:
            raise RuntimeError(f"The process behind {url} has ended.")
        try:
            with urllib.request.urlopen(url, timeout=5):
                break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.02)
    else:
        raise RuntimeError(f"{url} did not answer.")
    return time.monotonic() - started
