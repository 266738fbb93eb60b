"""The command: choose the mutants, run them, print the outcome. See the package."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.mutate.equivalents import reason_of
from tests.mutate.operators import Mutant, mutants_of
from tests.mutate.running import Copy
from tests.mutate.subjects import SUBJECTS
from tests.repository import ROOT

LEAST = 0.98


class Case(NamedTuple):
    module: str
    mutant: Mutant
    source: str

    @property
    def line(self) -> str:
        return self.source.splitlines()[self.mutant.line - 1]

    @property
    def reason(self) -> str | None:
        return reason_of(self.module, self.line, self.mutant.words)


def main() -> int:
    options = _options()
    cases = [case for module in options.modules or SUBJECTS for case in _chosen(module, options)]
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        runner = _Runner(Path(folder), options.jobs)
        with ThreadPoolExecutor(options.jobs) as pool:
            for case, outcome in zip(cases, pool.map(runner.outcome, cases), strict=True):
                outcomes[case.module][outcome] += 1
                if outcome == "survived" or options.verbose:
                    print(f"{outcome:10} {case.module}:{case.mutant.line}  {case.mutant.words}", flush=True)
    return _report(outcomes)


class _Runner:
    """Copies of the repository, one for each job."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._free: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            self._free.put(Copy(folder / str(number)))
        self._patience: dict[str, float] = {}
        self._lock = threading.Lock()

    def outcome(self, case: Case) -> str:
        if case.reason:
            return "equivalent"
        copy = self._free.get()
        try:
            tests = SUBJECTS[case.module]
            with self._lock:
                if case.module not in self._patience:
                    self._patience[case.module] = copy.patience(tests)
            mutated = case.mutant.source(case.source)
            is_killed = copy.kills(case.module, mutated, tests, self._patience[case.module])
            return "killed" if is_killed else "survived"
        finally:
            self._free.put(copy)


def _chosen(module: str, options: argparse.Namespace) -> list[Case]:
    source = (ROOT / module).read_text(encoding="utf-8")
    found = mutants_of(source)
    if not options.all:
        # Each module has numbers of its own, so a change of one leaves the samples of the others.
        count = min(options.each, len(found))
        found = random.Random(f"{options.seed} {module}").sample(found, count)
    cases = [Case(module, mutant, source) for mutant in sorted(found, key=lambda one: one.start)]
    return [case for case in cases if options.words in case.mutant.words]


def _report(outcomes: dict[str, Counter[str]]) -> int:
    total: Counter[str] = Counter()
    print(f"\n{'killed':>8}{'survived':>10}{'equivalent':>12}")
    for module, counts in outcomes.items():
        total += counts
        print(f"{counts['killed']:8}{counts['survived']:10}{counts['equivalent']:12}  {module}")
    judged = total["killed"] + total["survived"]
    share = total["killed"] / judged if judged else 1.0
    print(f"{total['killed']:8}{total['survived']:10}{total['equivalent']:12}  in all: {share:.1%} killed")
    return 0 if share >= LEAST else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"some of: {' '.join(SUBJECTS)}")
    parser.add_argument("--each", type=int, default=12, help="mutants of each module (default: 12)")
    parser.add_argument("--all", action="store_true", help="every mutant of each module")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another sample (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--words", default="", help="only mutants whose description contains this")
    parser.add_argument("--verbose", action="store_true", help="print the killed ones too")
    options = parser.parse_args()
    for module in options.modules:
        if module not in SUBJECTS:
            parser.error(f"{module} is not one of the core's modules in tests/mutate/subjects.py")
    return options


if __name__ == "__main__":
    sys.exit(main())
