"""Environments and processes of third-party servers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.workers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.third_party.servers import Server

INSIDE = Path(__file__).parent / "inside"
# Installing takes this long at most. A server that needs more is not worth the wait by hand.
INSTALL_SECONDS, START_SECONDS = 300, 120


class Unavailable(Exception):
    """A server that could not be installed or started. The message ends with what its log said last."""


def install(server: Server, root: Path) -> Path:
    """Make the server's environment under ``root`` unless it is there, and return its folder."""
    folder = root / server.name
    stamp = folder / "installed"
    wanted = "\n".join(server.requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return folder
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    try:
        ended = subprocess.run(
            [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *server.requirements],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"pip did not end within {INSTALL_SECONDS} seconds") from None
    if ended.returncode != 0:
        raise Unavailable(f"pip failed: {_last_line(ended.stderr)}")
    for script in server.prepare:
        _run_inside(folder, script)
    stamp.write_text(wanted, encoding="utf-8")
    return folder


@contextmanager
def running(server: Server, folder: Path, *, upstream: str = "") -> Iterator[str]:
    """Run the server in its environment; yield its address without a path, such as ``http://127.0.0.1:5000``."""
    port = free_port()
    values = {"bin": folder / "bin", "folder": folder, "port": port, "inside": INSIDE, "upstream": upstream}
    for name, text in server.files.items():
        (folder / name).write_text(text.replace("{upstream}", upstream), encoding="utf-8")
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [word.format(**values) for word in server.command],
            stdout=output,
            stderr=output,
            cwd=folder,
            env=_environment(folder) | server.environment,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, address + server.ready, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _run_inside(folder: Path, words: str) -> None:
    script, *others = words.split()
    ended = subprocess.run(
        [folder / "bin/python", INSIDE / script, *others],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise Unavailable(f"{script} failed: {_last_line(ended.stderr)}")


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unavailable(f"the server ended: {_last_line(log.read_text(errors='replace'))}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise Unavailable(f"the server did not answer: {_last_line(log.read_text(errors='replace'))}")


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment without this project's settings and without any key."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(folder), "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
