"""Server time of every page of a test table with many results, and its exports.

python -m bench.tables [--smoke] [--cases 10000]

With DATABASE_URL on that database, which must be an empty one; else on a fresh SQLite file. Prints
``name value unit`` lines: for each page the median time of a request, the processor time that the server
spends for it, and its size; for each export its time, its size and how far the server's memory grew.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx

from bench.figures import report
from bench.installation import Installation, shared_services, upstream
from bench.sockets import Person

if TYPE_CHECKING:
    from bench.processes import Child

# Pages below the address of the table, by the name of their figures.
_PAGES = {
    "cases": "",
    "cases_last_page": "?page={last_page}",
    "case": "cases/{middle}/",
    "checks": "checks/",
    "experiments": "experiments/",
    "new_experiment": "experiments/new/",
    "results": "experiments/2/",
    "results_last_page": "experiments/2/?page={last_page}",
    "results_failed": "experiments/2/?state=failed",
    "results_of_variant": "experiments/2/?variant=1",
    "results_of_case": "experiments/2/?case={middle}",
    "results_compared": "experiments/2/?compare=1",
    "results_compared_broken": "experiments/2/?compare=1&change=broken",
    "progress": "experiments/2/progress/",
    "progress_compared": "experiments/2/progress/?compare=1",
}
_EXPORTS = {
    "cases_csv": "export/",
    "cases_jsonl": "export/?as=jsonl",
    "results_csv": "experiments/2/export/",
    "results_jsonl": "experiments/2/export/?as=jsonl",
}


def measure_pages(client: httpx.Client, server: Child, table: str, cases: int, times: int) -> None:
    where = {"middle": cases // 2, "last_page": -(-cases // 50)}
    addresses = {name: table + path.format(**where) for name, path in _PAGES.items()}
    addresses["search"] = "/w/team/search/?q=city+77"
    for name, address in addresses.items():
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} was answered with {answer.status_code}")
        elapsed, before = [], server.cpu_seconds
        for _ in range(times):
            started = time.perf_counter()
            client.get(address)
            elapsed.append((time.perf_counter() - started) * 1000)
        report(f"tables.{name}.ms", median(elapsed), "ms")
        report(f"tables.{name}.cpu_ms", (server.cpu_seconds - before) / times * 1000, "ms")
        report(f"tables.{name}.kb", len(answer.content) / 1000, "kB")


def measure_exports(client: httpx.Client, server: Child, table: str) -> None:
    for name, path in _EXPORTS.items():
        before, most, size, started = server.memory_mb, 0.0, 0, time.perf_counter()
        with client.stream("GET", table + path) as answer:
            for piece in answer.iter_raw():
                size += len(piece)
                most = max(most, server.memory_mb)
        report(f"tables.export_{name}.s", time.perf_counter() - started, "s")
        report(f"tables.export_{name}.mb", size / 1_000_000, "MB")
        report(f"tables.export_{name}.memory_mb", most - before, "MB")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="few cases, two requests a page")
    arguments.add_argument("--cases", type=int, help="how many the table has")
    given = arguments.parse_args(words)
    cases = given.cases or (300 if given.smoke else 10_000)
    report("machine.load_before", os.getloadavg()[0], "processes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        base_url = stack.enter_context(upstream(folder))
        installation = Installation(folder, base_url, **shared_services())
        made = installation.fill("bench.table_of_results", "--base-url", base_url, f"--cases={cases}")
        person = Person(made["session"], made["conversation"])
        server = stack.enter_context(installation.serving())
        client = stack.enter_context(
            httpx.Client(
                base_url=installation.origin,
                headers={"Cookie": person.cookies(), "Accept-Encoding": "identity"},
                timeout=60,
            )
        )
        table = f"/w/team/tables/{made['table']}/"
        measure_pages(client, server, table, cases, 2 if given.smoke else 15)
        measure_exports(client, server, table)


if __name__ == "__main__":
    main()
