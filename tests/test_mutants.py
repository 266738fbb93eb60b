"""The faults that ``python -m tests.mutate`` puts into the core's modules."""

from __future__ import annotations

import ast

import pytest

from tests.mutate.equivalents import EQUIVALENT, reason_of
from tests.mutate.operators import mutants_of
from tests.mutate.subjects import SUBJECTS
from tests.repository import ROOT


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if a == b: c()", {"if (a != b): c()", "if a == b: pass"}),
        ("x = a < b", {"x = (a >= b)", "x = (a <= b)", "pass"}),
        ("x = a is not None", {"x = (a is None)", "pass"}),
        ("x = a in b", {"x = (a not in b)", "pass"}),
        ("x = a + b", {"x = (a - b)", "pass"}),
        ("x += 2", {"x -= 2", "x += (3)", "x += (0)", "pass"}),
        ("x = a and b", {"x = (a or b)", "pass"}),
        ("x = not a", {"x = (a)", "pass"}),
        ("x = a if b else c", {"x = a if (not (b)) else c", "pass"}),
        ("x = [a for a in b if a]", {"x = [a for a in b if (not (a))]", "pass"}),
        ("x = 0", {"x = (1)", "pass"}),
        ("x = True", {"x = (False)", "pass"}),
        ("x = 'é' + y", {"x = ('éX') + y", "x = ('é' - y)", "pass"}),
        (
            "def f(a=1): return a",
            {"def f(a=(2)): return a", "def f(a=(0)): return a", "def f(a=1): return None"},
        ),
        ("def f(): raise OwnError('words')", {"def f(): pass"}),
        # Words for the log, annotations, docstrings, imports and decorators are no behaviour.
        ("logger.warning('words', 1)", set()),
        ("def f(a: int | None) -> 'X': 'words'", set()),
        ("import a\nfrom b import c", set()),
        ("if TYPE_CHECKING:\n    x = 1", set()),
        ("def f(): return False", {"def f(): return (True)"}),
        ("@dataclass(frozen=True)\nclass A(B, tag='b'):\n    'words'", set()),
        ("x = 4096", {"x = (0)", "pass"}),
        ("__all__ = ['a']", set()),
        ("x = None", {"pass"}),
    ],
)
def test_it_makes_these_mutants(source, expected):
    assert {mutant.source(source) for mutant in mutants_of(source)} == expected


@pytest.mark.parametrize("module", SUBJECTS)
def test_every_mutant_of_the_core_is_another_program(module):
    source = (ROOT / module).read_text(encoding="utf-8")
    mutants = mutants_of(source)
    assert len(mutants) >= 10
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.source(source))) != ast.dump(ast.parse(source)), mutant.words
    assert all((ROOT / tests).is_file() for tests in SUBJECTS[module])


@pytest.mark.parametrize("module", EQUIVALENT)
def test_every_equivalent_is_still_a_mutant(module):
    source = (ROOT / module).read_text(encoding="utf-8")
    lines = source.splitlines()
    words = {one.words for one in mutants_of(source)}
    words |= {f"{lines[one.line - 1].strip()} @ {one.words}" for one in mutants_of(source)}
    assert EQUIVALENT[module].keys() - words == set()
    assert all(reason.endswith(".") for reason in EQUIVALENT[module].values())


def test_an_equivalent_is_found_by_its_words_or_with_its_line(monkeypatch):
    monkeypatch.setitem(EQUIVALENT, "a.py", {"x = 1 @ constant: 1 -> (2)": "One.", "and/or: a -> b": "Two."})

    assert reason_of("a.py", "    x = 1", "constant: 1 -> (2)") == "One."
    assert reason_of("a.py", "    y = 1", "constant: 1 -> (2)") is None
    assert reason_of("a.py", "anything", "and/or: a -> b") == "Two."
    assert reason_of("b.py", "anything", "and/or: a -> b") is None
