"""Tests of the tests: small faults are put into the core's modules, and their tests have to notice each.

::

    python -m tests.mutate                        # a sample of every module, on all cores
    python -m tests.mutate chat/billing.py --all  # every fault of one module
    python -m tests.mutate --seed 2 --each 40     # another, larger sample

Each mutant is written into a copy of the repository; the work tree is never touched. It runs the test
modules that ``subjects`` names, and is killed if one of them fails or hangs. ``equivalents`` lists
the mutants that change nothing that anybody could observe, with the reasons. The run fails if fewer than
98 % of the others are killed.
"""

from __future__ import annotations
