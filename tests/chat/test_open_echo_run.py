"""Built-in calls of Moonshot: their arguments go back unchanged, and the run goes on by itself."""

from __future__ import annotations

import json
import uuid

import pytest

from accounts.models import Limit, Membership
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.open_echo_run import MAX_ROUNDS, open_echo_run
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.models import Message, Run
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, ToolCallDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

BUILT_IN = {"type": "builtin_function", "function": {"name": "$web_search"}}
OTHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
ARGUMENTS = '{"search_result": {"search_id": "r1"},  "usage": {"total_tokens": 12}}'


@pytest.fixture
def choice(catalogue) -> Choice:
    """Demo Tools, with Moonshot's schema of tools."""
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/tools")
    schema = endpoint.request_schema
    schema["properties"]["tools"] = {"type": "array", "items": {"type": "object"}}
    endpoint.request_schema, endpoint.schema_digest = schema, "moonshot"
    endpoint.save()
    return Choice(endpoint, {"tools": [BUILT_IN, OTHER]})


@pytest.fixture
def run(workspace, alice, choice) -> Run:
    return start_conversation(workspace, alice, "Search", choice, uuid.uuid4())


def finish(run: Run, *names: str, status: Run.Status = Run.Status.FINISHED) -> Run:
    answer = Answer()
    for place, name in enumerate(names):
        answer.apply(ToolCallDelta(place, id=f"c{place}", name=name, arguments=ARGUMENTS))
    answer.apply(Finished("tool_calls"))
    run.refresh_from_db()
    assert finish_run(run, Outcome(status, answer), fence=run.fence)
    return run


def test_the_arguments_go_back_unchanged(run):
    echoed = open_echo_run(finish(run, "$web_search", "$web_search").pk)

    assert echoed is not None
    messages = echoed.body["messages"]
    assert [each["content"] for each in messages[-2:]] == [ARGUMENTS, ARGUMENTS]
    assert [each["tool_call_id"] for each in messages[-2:]] == ["c0", "c1"]
    assert echoed.status == Run.Status.QUEUED
    assert echoed.user == run.user
    assert echoed.parameters == run.parameters


def test_it_happens_once(run):
    finish(run, "$web_search")

    assert open_echo_run(run.pk) is not None
    assert open_echo_run(run.pk) is None
    assert Run.objects.count() == 2


@pytest.mark.parametrize("names", [(), ("get_weather",), ("$web_search", "get_weather"), ("$other",)])
def test_other_calls_wait_for_a_person(run, names):
    assert open_echo_run(finish(run, *names).pk) is None


@pytest.mark.parametrize("status", [Run.Status.STOPPED, Run.Status.FAILED, Run.Status.INTERRUPTED])
def test_a_run_that_was_stopped_or_failed_is_not_continued(run, status):
    assert open_echo_run(finish(run, "$web_search", status=status).pk) is None


def test_a_search_ends_after_a_few_rounds(run):
    rounds = 0
    found: Run | None = run
    while found is not None:
        finish(found, "$web_search")
        found, rounds = open_echo_run(found.pk), rounds + 1

    assert rounds == MAX_ROUNDS + 1


def test_a_limit_stops_it_and_the_calls_stay(run, workspace):
    finish(run, "$web_search")
    Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=1)

    assert open_echo_run(run.pk) is None
    assert Message.objects.filter(role=Message.Role.TOOL).count() == 0


@pytest.mark.parametrize("role", ["viewer", None])
def test_somebody_who_may_no_longer_write_is_not_continued(run, alice, role):
    finish(run, "$web_search")
    members = Membership.objects.filter(user=alice)
    members.update(role=role) if role else members.delete()

    assert open_echo_run(run.pk) is None


def test_another_branch_in_view_is_left_alone(run, alice, choice):
    finish(run, "$web_search")
    answer = run.message
    send_prompt(run.thread, alice, "Never mind", choice, uuid.uuid4())

    assert open_echo_run(run.pk) is None
    assert not answer.children.filter(role=Message.Role.TOOL).exists()


def test_the_results_are_json_that_nobody_has_touched(run):
    echoed = open_echo_run(finish(run, "$web_search").pk)

    assert echoed is not None
    assert json.loads(echoed.body["messages"][-1]["content"])["search_result"] == {"search_id": "r1"}
