"""People who save one prompt at the same moment, and processes that advance one experiment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from chat.exceptions import NameTaken, PromptChanged
from chat.flows.advance_experiment import advance_experiment
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.models import Cell, Prompt, Run
from chat.prompts.content import PromptContent
from tests.chat.experiments import cities, end, experiment_of, table_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """Call ``act`` in several threads with connections of their own; return results and refusals."""
    ready = Barrier(PEOPLE)

    def one(number: int) -> Any:
        try:
            ready.wait(20)
            return act(number)
        except (PromptChanged, NameTaken) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, range(PEOPLE)))


def test_of_several_saves_one_is_stored_and_all_others_are_told(workspace, alice):
    prompt = add_prompt(workspace, PromptFields("Reply", "", PromptContent("first")), actor=alice)
    found = [Prompt.objects.get() for _ in range(PEOPLE)]

    def save(number: int) -> bool:
        return save_prompt(
            found[number], PromptFields("Reply", "", PromptContent(f"of {number}")), 1, actor=alice
        )

    results = at_once(save)

    assert Counter(results) == {True: 1, PromptChanged: PEOPLE - 1}
    prompt.refresh_from_db()
    assert (prompt.version, prompt.edits) == (2, 2)
    newest = prompt.versions.get(number=2).read()
    assert newest.system == f"of {results.index(True)}"
    assert prompt.versions.get(number=1).read().system == "first"
    assert prompt.folded.endswith(newest.system)


def test_of_several_new_prompts_of_one_name_one_is_stored(workspace, alice):
    results = at_once(
        lambda number: (
            add_prompt(workspace, PromptFields("Reply", "", PromptContent(str(number))), actor=alice).pk
        )
    )
    assert results.count(NameTaken) == PEOPLE - 1
    assert Prompt.objects.get().versions.count() == 1


def test_several_processes_that_advance_open_no_cell_twice(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(12)), endpoint, alice, concurrency=5)
    ended: list[Run] = []
    while Cell.objects.exclude(state=Cell.State.UNCHECKED).exists():
        opened = [run for runs in at_once(lambda _: advance_experiment(experiment.pk)) for run in runs]
        assert len(opened) <= 5
        for run in opened:
            end(run, "x")
        ended += opened
        if not opened:
            break

    assert len({run.pk for run in ended}) == len(ended) == 12
    assert not Cell.objects.exclude(state=Cell.State.UNCHECKED).exists()
    asked = Counter(str(run.body["messages"]) for run in Run.objects.all())
    assert set(asked.values()) == {1} and len(asked) == 12
