from __future__ import annotations

import pytest

from chat.models import Conversation, Message
from chat.transcript import Tree, branch, calls_in, transcript_for
from playground.models import Endpoint
from playground.upstream.dialects.shared.transcript import Role, Text, ToolCall, Turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(workspace, alice) -> dict[str, Message]:
    """q1 has the answers a1 and b1; below b1 stand q2 and its answer a2."""
    conversation = Conversation.objects.create(workspace=workspace, owner=alice, title="Tree")

    def add(text: str, role: str, parent: Message | None = None) -> Message:
        return Message.objects.create(conversation=conversation, parent=parent, role=role, text=text)

    q1 = add("q1", "user")
    a1, b1 = add("a1", "assistant", q1), add("b1", "assistant", q1)
    q2 = add("q2", "user", b1)
    return {"q1": q1, "a1": a1, "b1": b1, "q2": q2, "a2": add("a2", "assistant", q2)}


def test_a_branch_runs_from_the_first_message_to_the_leaf(tree):
    assert [message.text for message in branch(tree["q1"].conversation, tree["a2"].pk)] == [
        "q1",
        "b1",
        "q2",
        "a2",
    ]
    assert [message.text for message in branch(tree["q1"].conversation, tree["a1"].pk)] == ["q1", "a1"]


def test_siblings_are_the_other_answers_to_the_same_prompt(tree):
    assert Tree(tree["q1"].conversation).siblings(tree["a1"].pk) == [tree["a1"].pk, tree["b1"].pk]


def test_the_newest_leaf_is_the_end_of_that_branch(tree):
    shape = Tree(tree["q1"].conversation)
    assert shape.newest_leaf(tree["b1"].pk) == tree["a2"].pk
    assert shape.newest_leaf(tree["a1"].pk) == tree["a1"].pk


def test_a_branch_is_read_in_one_query(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        branch(tree["q1"].conversation, tree["a2"].pk)


def test_a_message_becomes_a_turn_with_all_that_can_be_sent(tree, endpoint):
    tree["b1"].data = {
        "tool_calls": [
            {"id": "call_1", "name": "look_up", "arguments": "{}", "type": "function"},
            {"name": "run", "arguments": "ls", "type": "custom"},  # some servers give no id
        ],
        "citations": [{"url": "https://example.org"}],
    }
    tool = Message(role="tool", text="found", data={"tool_call_id": "call_1", "is_error": True})

    assert transcript_for(endpoint.model, [tree["q1"], tree["b1"], tool]) == (
        Turn(Role.USER, (Text("q1"),)),
        Turn(
            Role.ASSISTANT,
            (Text("b1"),),
            (ToolCall("call_1", "look_up", "{}"), ToolCall("call_2", "run", "ls", "custom")),
        ),
        Turn(Role.TOOL, (Text("found"),), call_id="call_1", is_error=True),
    )


@pytest.mark.parametrize("name", ["refusal", "transcript"])
def test_what_was_declined_or_spoken_stands_in_for_a_text(tree, endpoint, name):
    tree["b1"].text, tree["b1"].data = "", {name: "I would rather not."}
    assert transcript_for(endpoint.model, [tree["b1"]]) == (
        Turn(Role.ASSISTANT, (Text("I would rather not."),)),
    )


def test_what_a_model_sealed_goes_back_to_that_model_only(conversation, endpoint):
    answer = conversation.head
    answer.reasoning, answer.data = "Hm.", {"opaque_reasoning": [{"type": "thinking", "signature": "s"}]}
    [turn] = transcript_for(endpoint.model, [answer])
    assert (turn.opaque, turn.reasoning) == (({"type": "thinking", "signature": "s"},), "Hm.")

    other = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/reasoning")
    [turn] = transcript_for(other.model, [answer])
    assert (turn.opaque, turn.reasoning) == ((), "")


def test_sealed_thoughts_of_all_answers_cost_one_query(conversation, endpoint, django_assert_num_queries):
    answer = conversation.head
    with django_assert_num_queries(0):
        transcript_for(endpoint.model, [answer] * 5)
    answer.data = {"opaque_reasoning": [{"type": "thinking", "signature": "s"}]}
    with django_assert_num_queries(1):
        transcript_for(endpoint.model, [answer] * 5)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["", ""], ["call_1", "call_2"]),
        (["x", "x", "x"], ["x", "x_2", "x_3"]),
        (["a", "", "a"], ["a", "call_2", "a_3"]),
        (["call_2", ""], ["call_2", "call_2_2"]),
        (["x", "x_3", "x"], ["x", "x_3", "x_3_3"]),
    ],
)
def test_every_call_has_an_id_of_its_own(ids, expected):
    said = {"tool_calls": [{"id": call_id, "name": "w", "arguments": "{}"} for call_id in ids]}
    assert [call.id for call in calls_in(said)] == expected
