"""Changes of a branch that ask no model: other words, examples, deletions, and a copy as a new chat."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chat.exceptions import AnswerPending, ExampleMisplaced, OnlyMessage
from chat.flows.build_request import Choice
from chat.flows.delete_message import delete_message
from chat.flows.edit_message import edit_message
from chat.flows.edit_result import edit_result
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.fork_conversation import fork_conversation
from chat.flows.insert_examples import insert_examples
from chat.flows.return_tool_results import Result, return_tool_results
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.set_system_prompt import set_system_prompt
from chat.flows.show_sibling import show_sibling
from chat.models import Access, Conversation, Message, Run, StoredFile
from chat.relays import background
from chat.transcript import Tree, branch, transcript_for
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta, ToolCallDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

HTMX = {"HX-Request": "true"}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def end(run, *events):
    answer = Answer()
    for event in (*events, Finished("stop")):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    return Message.objects.select_related("conversation", "parent").get(run=run)


def shown(conversation):
    """Return the role and the text of each message that the page shows."""
    conversation.refresh_from_db()
    return [(message.role[0], message.text) for message in branch(conversation, conversation.head_id)]


def fresh(message):
    return Message.objects.select_related("conversation", "parent").get(pk=message.pk)


def message_at(conversation, place):
    conversation.refresh_from_db()
    return fresh(branch(conversation, conversation.head_id)[place])


@pytest.fixture
def choice(endpoint):
    return Choice(endpoint, {})


@pytest.fixture
def talk(workspace, alice, choice):
    """A conversation of two prompts and their answers: a, A, b, B."""
    first = end(start_conversation(workspace, alice, "a", choice, uuid.uuid4()), TextDelta("A"))
    conversation = first.conversation
    conversation.refresh_from_db()
    end(send_prompt(conversation, alice, "b", choice, uuid.uuid4()), TextDelta("B"))
    conversation.refresh_from_db()
    return conversation


@pytest.fixture
def called(workspace, alice, catalogue):
    """A conversation with a call, its result, and the answer from it."""
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/tools")
    choice = Choice(endpoint, {"tools": TOOLS})
    run = start_conversation(workspace, alice, "a", choice, uuid.uuid4())
    asking = end(run, ToolCallDelta(0, "call_1", "look", "{}"))
    end(return_tool_results(asking, alice, [Result("seen")], choice, uuid.uuid4()), TextDelta("A"))
    return asking.conversation


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, [("u", "new"), ("a", "A"), ("u", "b"), ("a", "B")]),
        (1, [("u", "a"), ("a", "new"), ("u", "b"), ("a", "B")]),
        (3, [("u", "a"), ("a", "A"), ("u", "b"), ("a", "new")]),
    ],
)
def test_other_words_are_a_sibling_and_what_follows_stays(talk, ada, place, expected):
    message = message_at(talk, place)
    old = message_at(talk, 3)
    worded = edit_message(message, ada, "new")

    assert shown(talk) == expected
    tree = Tree(talk)
    assert tree.siblings(message.pk) == [message.pk, worded.pk]
    # The old branch is as it was.
    assert [found.text for found in branch(talk, old.pk)] == ["a", "A", "b", "B"]
    assert Run.objects.count() == 2


def test_the_same_words_change_nothing(talk, ada):
    message = message_at(talk, 1)
    assert edit_message(message, ada, "A") == message
    assert Message.objects.count() == 4


def test_an_edited_answer_names_its_writer_and_its_original(talk, ada, choice):
    message = message_at(talk, 1)
    worded = edit_message(edit_message(message, ada, "new"), ada, "newer")
    assert (worded.is_edited, worded.author, worded.copied_from) == (True, ada, message)
    assert worded.model_id == choice.endpoint.model.model_id
    copied = message_at(talk, 3)
    assert (copied.copied_from.text, copied.is_edited) == ("B", False)


def test_sealed_reasoning_stays_with_the_words_of_the_model(workspace, alice, called, choice):
    asking = message_at(called, 1)
    asking.data["opaque_reasoning"] = [{"type": "thinking", "thinking": "Hm", "signature": "s"}]
    asking.save()
    model = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/tools").model
    result = edit_message(message_at(called, 2), alice, "seen anew")
    assert transcript_for(model, branch(called, result.pk))[1].opaque

    edit_message(asking, alice, "I look.")
    edited = message_at(called, 1)
    turns = transcript_for(model, branch(called, called.head_id))
    assert [call.name for call in turns[1].tool_calls] == ["look"]
    assert (edited.text, turns[1].opaque, turns[1].text) == ("I look.", (), "I look.")


def test_a_copy_of_an_answer_takes_its_sealed_reasoning_along(called, alice):
    asking = message_at(called, 1)
    asking.data["opaque_reasoning"] = [{"type": "thinking", "thinking": "Hm", "signature": "s"}]
    asking.save()
    edit_message(message_at(called, 0), alice, "new")
    model = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/tools").model
    other = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain").model
    messages = branch(called, message_at(called, 3).pk)
    assert transcript_for(model, messages)[1].opaque
    assert not transcript_for(other, messages)[1].opaque


def test_an_example_stands_above_or_below(talk, ada):
    insert_examples(message_at(talk, 0), ada, "in", "out", above=True)
    assert shown(talk)[:3] == [("u", "in"), ("a", "out"), ("u", "a")]
    insert_examples(message_at(talk, 3), ada, "", "more", above=False)
    assert shown(talk)[3:5] == [("a", "A"), ("a", "more")]
    insert_examples(message_at(talk, 6), ada, "last", "", above=False)
    assert shown(talk)[-1] == ("u", "last")
    assert all(message_at(talk, place).is_example for place in (0, 1, 4, 7))


def test_an_example_does_not_separate_calls_from_results(called, ada):
    with pytest.raises(ExampleMisplaced):
        insert_examples(message_at(called, 1), ada, "in", "out", above=False)
    with pytest.raises(ExampleMisplaced):
        insert_examples(message_at(called, 2), ada, "in", "out", above=True)
    assert Message.objects.count() == 4


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, [("a", "A"), ("u", "b"), ("a", "B")]),
        (1, [("u", "a"), ("u", "b"), ("a", "B")]),
        (3, [("u", "a"), ("a", "A"), ("u", "b")]),
    ],
)
def test_a_deleted_message_is_gone_from_the_new_branch_and_the_old_one_can_be_shown(
    talk, ada, place, expected
):
    message = message_at(talk, place)
    deleted = delete_message(message, ada)
    assert deleted is not None
    assert shown(talk) == expected
    tree = Tree(talk)
    # The new branch ends in a leaf, and a sibling on it leads back.
    assert tree.newest_leaf(talk.head_id) == talk.head_id
    assert any(len(tree.siblings(pk)) > 1 for pk in tree.path(talk.head_id))
    show_sibling(fresh(deleted.old_head), ada)
    assert [text for _, text in shown(talk)] == ["a", "A", "b", "B"]


def test_the_results_of_calls_go_with_them(called, ada):
    deleted = delete_message(message_at(called, 1), ada)
    assert deleted is not None
    assert deleted.has_results
    assert shown(called) == [("u", "a"), ("a", "A")]


def test_a_message_that_somebody_else_deleted_is_left_alone(talk, ada):
    message = message_at(talk, 1)
    delete_message(message, ada)
    before = shown(talk)
    assert delete_message(message, ada) is None
    assert shown(talk) == before


def test_the_only_message_stays(talk, ada):
    for _ in range(3):
        delete_message(message_at(talk, -1), ada)
    with pytest.raises(OnlyMessage):
        delete_message(message_at(talk, 0), ada)


@pytest.mark.parametrize(
    "change",
    [
        lambda message, user: edit_message(message, user, "new"),
        lambda message, user: insert_examples(message, user, "in", "out", above=True),
        delete_message,
    ],
)
def test_a_branch_with_a_live_answer_stays_as_it_is(talk, ada, choice, change):
    first = message_at(talk, 0)
    run = send_prompt(talk, ada, "c", choice, uuid.uuid4())
    with pytest.raises(AnswerPending):
        change(first, ada)
    with pytest.raises(AnswerPending):
        fork_conversation(run.message, ada)
    assert Message.objects.count() == 6
    end(run, TextDelta("C"))


def test_another_result_asks_again_with_the_other_results(called, alice):
    result = message_at(called, 2)
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/tools")
    run = edit_result(result, alice, "seen anew", Choice(endpoint, {"tools": TOOLS}), uuid.uuid4())
    assert run.body["messages"][-1]["content"] == "seen anew"
    assert run.message.parent is not None
    assert run.message.parent.data == result.data
    end(run, TextDelta("C"))
    assert shown(called)[2:] == [("t", "seen anew"), ("a", "C")]


def test_a_fork_is_a_private_copy_with_files_and_system_prompts_of_its_own(talk, bob, alice, choice):
    set_system_prompt(talk, alice, "Be brief.")
    end(send_prompt(talk, alice, "c", choice, uuid.uuid4()), TextDelta("C"))
    prompt, answer = message_at(talk, 0), message_at(talk, 5)
    file = StoredFile.objects.create(
        workspace=talk.workspace, message=prompt, kind="image", name="p", address="https://example.org/p.png"
    )
    drawn = StoredFile.objects.create(workspace=talk.workspace, message=answer, kind="image", name="d")
    answer.data = {"images": [{"file": str(drawn.code), "width": 1, "height": 1}]}
    answer.save()

    fork = fork_conversation(answer, bob)

    assert (fork.owner, fork.title, fork.workspace_access) == (bob, "a (fork)", Access.NONE)
    assert (fork.model, fork.parameters) == (talk.model, talk.parameters)
    assert shown(fork) == shown(talk)
    assert fork.system_prompt is not None
    assert fork.system_prompt.text == "Be brief."
    assert fork.system_prompt.conversation == fork
    copies = branch(fork, fork.head_id)
    assert {copy.conversation_id for copy in copies} == {fork.pk}
    assert copies[-1].system_prompt == fork.system_prompt
    assert copies[0].files.get().code != file.code
    assert copies[-1].data["images"][0]["file"] == str(copies[-1].files.get().code)
    talk.delete()
    assert len(shown(fork)) == 6
    assert message_at(fork, 5).model_id == choice.endpoint.model.model_id


# The views.


def post(client, name, message, **values):
    return client.post(reverse(f"chat:{name}", args=[message.code]), values, headers=HTMX)


@pytest.fixture
def page(client_for, alice):
    return client_for(alice)


def test_the_page_gets_the_new_branch(page, talk):
    html = post(page, "save_message", message_at(talk, 1), text="new **words**").content.decode()
    assert f'id="thread-{talk.code}"' in html
    assert "Edited by Alice" in html
    assert f"message-{message_at(talk, 1).code}" in html
    html = post(
        page, "insert_examples", message_at(talk, 0), prompt="in", answer="out", place="above"
    ).content.decode()
    assert html.count("Example") == 2
    html = post(page, "delete_message", message_at(talk, 0)).content.decode()
    assert "Message deleted." in html
    assert 'data-undo="' in html
    whole = page.get(reverse("chat:conversation", args=[talk.code])).content.decode()
    assert whole.count('class="message ') == 5


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("save_message", {"text": " \n"}, "Write something first"),
        (
            "insert_examples",
            {"prompt": " ", "answer": "", "place": "above"},
            "Write a prompt, an answer or both.",
        ),
    ],
)
def test_what_is_missing_is_said_in_a_notice_and_nothing_is_stored(page, talk, name, values, words):
    response = post(page, name, message_at(talk, 1), **values)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Message.objects.count() == 4


def test_a_place_that_does_not_exist_is_refused(page, talk):
    assert post(page, "insert_examples", message_at(talk, 0), prompt="x", place="left").status_code == 400


def test_a_reader_may_fork_and_nothing_else(talk, bob, vera, client_for):
    talk.workspace_access = Access.READ
    talk.save()
    reader = client_for(bob)
    message = message_at(talk, 1)
    for name in ("save_message", "insert_examples", "delete_message"):
        assert post(reader, name, message, text="x", prompt="x", place="above").status_code == 403
    response = post(reader, "fork", message)
    fork = Conversation.objects.get(owner=bob)
    assert response.headers["HX-Redirect"] == reverse("chat:conversation", args=[fork.code])
    html = reader.get(response.headers["HX-Redirect"]).content.decode()
    # The original is in a conversation that may be taken away, so nothing leads there.
    assert "Copy" in html
    assert "?at=" not in html
    assert post(client_for(vera), "fork", message).status_code == 403


def test_a_new_chat_can_begin_with_an_example(page, workspace, alice, catalogue):
    url = reverse("chat:start_with_examples", args=[workspace.slug])
    assert page.post(url, {"prompt": "", "answer": ""}, headers=HTMX).status_code == 422
    response = page.post(url, {"prompt": "in", "answer": "out"}, headers=HTMX)
    conversation = Conversation.objects.get()
    assert response.headers["HX-Redirect"] == reverse("chat:conversation", args=[conversation.code])
    assert (conversation.title, shown(conversation)) == ("in", [("u", "in"), ("a", "out")])


def test_a_result_is_saved_and_asked_again(page, called, monkeypatch):
    started: list[Run] = []
    monkeypatch.setattr(background, "start", started.append)
    result = message_at(called, 2)
    values = {"text": "seen anew", "idempotency_key": str(uuid.uuid4())}
    assert post(page, "edit", result, **values).status_code == 200
    [run] = started
    worded = run.message.parent
    assert worded is not None
    assert worded.text == "seen anew"
    assert worded.data["tool_call_id"] == "call_1"


def test_copying_takes_as_many_queries_for_a_long_branch(talk, ada, choice, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        first = message_at(talk, 0)
        with CaptureQueriesContext(connection) as queries:
            edit_message(first, ada, str(uuid.uuid4()))
        counts.append(len(queries))
        for number in range(5):
            end(send_prompt(talk, ada, str(number), choice, uuid.uuid4()), TextDelta("C"))
            talk.refresh_from_db()
    assert counts[0] == counts[1]


def test_the_matrix_of_menus(page, called):
    asking = message_at(called, 1)
    menu = page.get(reverse("chat:message_menu", args=[asking.code])).content.decode()
    assert "Delete with its results" in " ".join(menu.split())
    assert "Insert an example" not in menu
    assert "New chat from here" in menu
