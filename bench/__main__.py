"""Every measurement: ``python -m bench [--smoke] [name ...]``."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from bench.processes import ROOT

# The measurements in their order, each with the words of its short run. It is a module of this package.
SHORT: dict[str, list[str]] = {
    "parse": ["--chunks", "20000"],
    "fuzz": ["--bytes", "100000"],
    "markdown": ["--tokens", "4000"],
    "structured": ["--smoke"],
    "parameters": ["--smoke"],
    "pages": ["--smoke"],
    "tables": ["--smoke"],
    "picker": ["--times", "5"],
    "holds": ["--smoke"],
    "ledger": ["--smoke"],
    "imports": ["--smoke"],
    "cancels": ["--smoke"],
    "transport": ["--smoke"],
    "prompt": ["--smoke"],
    "relay": ["--smoke"],
    "idle_sockets": ["--smoke"],
    "inbound_flood": ["--smoke"],
    "streamed_page": ["--smoke"],
    "columns": ["--smoke"],
    "long_answer": ["--smoke"],
    "long_conversation": ["--smoke"],
    "reconnect_storm": ["--smoke"],
    "slow_reader": ["--smoke"],
    "soak": ["--smoke"],
    "across": ["--smoke"],
}


def show_that_all_work(names: list[str]) -> int:
    """Make the short runs, as many at once as there are cores; return how many have failed.

    They share the machine, so their figures say nothing.
    """
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for running in as_completed([pool.submit(_short_run, name) for name in names]):
            name, code, printed = running.result()
            print(printed, end="", flush=True)
            if code:
                failed += 1
                print(f"{name} failed with {code}", flush=True)
    return failed


def _short_run(name: str) -> tuple[str, int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *SHORT[name]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return name, ended.returncode, ended.stdout


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", choices=[[], *SHORT], help="only these, in place of all")
    arguments.add_argument("--smoke", action="store_true", help="short runs that show that all work")
    given = arguments.parse_args()
    names = given.names or list(SHORT)
    if given.smoke:
        sys.exit(show_that_all_work(names) > 0)
    # Two at once would measure each other.
    for name in names:
        importlib.import_module(f"bench.{name}").main([])


if __name__ == "__main__":
    main()
