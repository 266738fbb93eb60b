"""The library of prompts: its list, and the page on which a prompt is edited."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import AuditAction, AuditEvent, Membership
from chat.exceptions import ItemGone
from chat.flows.bring_back import bring_back
from chat.flows.delete_prompt import delete_prompt
from chat.flows.purge_deleted import purge_deleted
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.models import Prompt, PromptVersion
from chat.models.deletable import RESTORABLE_FOR
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind
from tests.playground.untouched_page import posted_by

pytestmark = pytest.mark.django_db

CONTENT = PromptContent(
    "Answer {{who}}.\n",
    (
        PromptMessage(MessageRole.PLACEHOLDER, name="history"),
        PromptMessage(MessageRole.USER, "\n<b>{{question}}</b>"),
        PromptMessage(
            MessageRole.ASSISTANT,
            "",
            tool_calls=({"id": "1", "name": "look", "arguments": '{"a": "b"}', "type": "function"},),
        ),
        PromptMessage(MessageRole.TOOL, "none", call_id="1", is_error=True),
    ),
    (
        Variable("who", VariableKind.CHOICE, "Ana", is_required=False, choices=("Ana", "Bo")),
        Variable("question", VariableKind.LONG_TEXT, "a\nb", longest=9, pattern="a", description="It"),
    ),
    "nowhere",
    "gone/model",
    "chat/completions",
    {"temperature": 0.5, "stop": ["\n"]},
    {"owner": "team-a"},
)


@pytest.fixture
def prompt(workspace, alice) -> Prompt:
    return add_prompt(workspace, PromptFields("Reply", "Short", CONTENT), actor=alice)


def address(prompt: Prompt, name: str = "chat:prompt") -> str:
    return reverse(name, args=[prompt.workspace.slug, prompt.code])


def posted(client, prompt: Prompt) -> dict[str, Any]:
    return posted_by(client.get(address(prompt)).content.decode())


def newest(prompt: Prompt) -> PromptContent:
    prompt.refresh_from_db()
    return prompt.versions.get(number=prompt.version).read()


def test_a_new_prompt_is_saved_with_its_variables(client_for, alice, workspace):
    client, url = client_for(alice), reverse("chat:new_prompt", args=[workspace.slug])
    data = posted_by(client.get(url).content.decode())

    response = client.post(
        url, {**data, "name": "Greeting", "system": "Greet {{name}}.", "m.0.text": "{{word}}"}
    )

    prompt = Prompt.objects.get()
    assert response.url == address(prompt)
    assert newest(prompt).variables == (Variable("name"), Variable("word"))
    assert prompt.summary == {"variables": ["name", "word"], "messages": 1, "model": "", "has_system": True}
    assert prompt.versions.get().author == alice


def test_an_untouched_page_makes_no_version(client_for, alice, prompt):
    client = client_for(alice)

    response = client.post(address(prompt), posted(client, prompt), follow=True)

    assert "Its content is the same as in version 1" in response.content.decode()
    assert newest(prompt) == CONTENT
    assert PromptVersion.objects.count() == 1


def test_a_change_is_a_version_with_its_note(client_for, alice, prompt):
    client = client_for(alice)

    client.post(address(prompt), {**posted(client, prompt), "system": "Help {{who}}.", "note": "kinder"})

    found = list(prompt.versions.values_list("number", "note"))
    assert found == [(2, "kinder"), (1, "")]
    assert newest(prompt).system == "Help {{who}}."
    assert newest(prompt).extra == {"owner": "team-a"}


def test_two_who_edit_at_once_learn_of_each_other(client_for, alice, bob, prompt):
    mine, theirs = client_for(alice), client_for(bob)
    page = posted(mine, prompt)
    theirs.post(address(prompt), {**posted(theirs, prompt), "system": "Bob's words"})

    refused = mine.post(address(prompt), {**page, "system": "Alice's words"})

    html = refused.content.decode()
    assert refused.status_code == 422
    assert "saved version 2 while you were editing" in html
    assert "Alice&#x27;s words" in html and ">Bob</ins>" in html
    assert PromptVersion.objects.count() == 2
    # Saving the same page again stores it after the other one.
    mine.post(address(prompt), posted_by(html))
    assert newest(prompt).system == "Alice's words"
    assert PromptVersion.objects.count() == 3


def test_what_was_typed_stays_when_the_prompt_is_gone(client_for, alice, prompt):
    client = client_for(alice)
    page = posted(client, prompt)
    delete_prompt(prompt, actor=alice)

    refused = client.post(address(prompt), {**page, "system": "Long work"})

    assert refused.status_code == 422
    assert "Somebody deleted this prompt meanwhile" in refused.content.decode()
    assert "Long work" in refused.content.decode()
    assert client.get(address(prompt)).status_code == 404


def test_a_deleted_prompt_is_purged_and_what_is_typed_becomes_a_new_one(client_for, alice, prompt):
    client, listed = client_for(alice), reverse("chat:prompts", args=[prompt.workspace.slug])
    page = posted(client, prompt)
    delete_prompt(prompt, actor=alice)
    assert purge_deleted() == 0
    assert "Bring back" in client.get(listed).content.decode()
    Prompt.with_deleted.update(deleted_at=now() - 2 * RESTORABLE_FOR)
    assert "Bring back" not in client.get(listed).content.decode()

    assert purge_deleted() == 1

    assert not PromptVersion.objects.exists()
    assert client.post(address(prompt, "chat:bring_back_prompt")).status_code == 404
    with pytest.raises(ItemGone):
        bring_back(prompt, actor=alice)
    answer = client.post(address(prompt), {**page, "system": "Long work"})
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "Save again to store yours as a new prompt." in html
    new = reverse("chat:new_prompt", args=[prompt.workspace.slug])
    assert f'action="{new}"' in html
    client.post(new, posted_by(html))
    assert newest(Prompt.objects.get()).system == "Long work"


def test_a_deleted_prompt_is_removed_for_good_on_request(client_for, alice, prompt):
    client, url = client_for(alice), address(prompt, "chat:delete_prompt")

    # A prompt that was not deleted before stays.
    assert "so it was not deleted" in client.post(url, {"for_good": "1"}, follow=True).content.decode()
    client.post(url)
    assert client.post(url).status_code == 404
    assert "Reply was deleted for good." in client.post(url, {"for_good": "1"}, follow=True).content.decode()

    assert not PromptVersion.objects.exists()
    actions = AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[:2]
    assert list(actions) == [AuditAction.PURGE_PROMPT, AuditAction.DELETE_PROMPT]


def test_a_name_is_taken_once_and_free_after_a_deletion(client_for, alice, workspace, prompt):
    client, url = client_for(alice), reverse("chat:new_prompt", args=[workspace.slug])
    data = {"name": "Reply", "system": "x"}

    assert "already has a prompt called “Reply”" in client.post(url, data).content.decode()
    # With a Cyrillic letter it would look the same.
    assert "“е” is Cyrillic" in client.post(url, {**data, "name": "R\u0435ply"}).content.decode()
    client.post(address(prompt, "chat:delete_prompt"))
    assert client.post(url, data).status_code == 302
    response = client.post(address(prompt, "chat:bring_back_prompt"), follow=True)
    assert "Another prompt is called Reply by now" in response.content.decode()
    Prompt.objects.update(name="Other")
    client.post(address(prompt, "chat:bring_back_prompt"))
    assert newest(prompt) == CONTENT


def test_rows_are_added_moved_and_removed_without_scripts(client_for, alice, prompt):
    client = client_for(alice)
    data = posted(client, prompt)

    html = client.post(address(prompt), {**data, "act": "add-user"}).content.decode()
    assert "m.4.role" in posted_by(html)
    html = client.post(address(prompt), {**posted_by(html), "act": "down.0"}).content.decode()
    html = client.post(address(prompt), {**posted_by(html), "act": "remove.4"}).content.decode()
    # Neither of these is a row.
    for act in ("up.0", "down.3", "remove.99", "up.x", "shout"):
        html = client.post(address(prompt), {**posted_by(html), "act": act}).content.decode()
    assert PromptVersion.objects.count() == 1
    client.post(address(prompt), posted_by(html))
    assert [each.role for each in newest(prompt).messages] == ["user", "placeholder", "assistant", "tool"]


def test_a_page_learns_only_of_variables_that_come_and_go(client_for, alice, prompt):
    client = client_for(alice)
    data = {**posted(client, prompt), "act": "find"}

    assert client.post(address(prompt), {**data, "system": "Still {{who}}"}).status_code == 204
    html = client.post(address(prompt), {**data, "system": "Now {{whom}}"}).content.decode()
    assert "Not in the texts any more" in html
    assert list(posted_by(html)["v.0.name"]) == ["whom"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v.0.choices": ""}, "needs at least one choice"),
        ({"v.0.kind": "number", "v.0.least": "x"}, "A bound must be a number."),
        ({"v.1.longest": "0"}, "A bound must be above 0."),
        ({"v.1.pattern": "("}, "no regular expression"),
        ({"parameters": "{"}, "Not valid JSON: line 1, column 2."),
        ({"parameters": "[]"}, "Must be a JSON object"),
        ({"m.0.name": "not a name"}, "needs a name"),
        ({"name": ""}, "Enter a name."),
        ({"name": "a\x07b"}, "without invisible or control characters"),
        ({"name": "a\u202eb"}, "without invisible or control characters"),
        ({"system": "x" * 200_001}, "200,000 characters"),
    ],
)
def test_a_mistake_is_shown_and_stores_nothing(client_for, alice, prompt, changed, words):
    client = client_for(alice)

    response = client.post(address(prompt), {**posted(client, prompt), **changed})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert newest(prompt) == CONTENT


def test_hostile_fields_are_no_rows(client_for, alice, prompt):
    data = {**posted(client_for(alice), prompt), "act": "kind"}
    odd = {
        "m.9999.role": "root",
        "m.3.data": "{" * 50,
        "m.2.data": '{"tool_calls": [7]}',
        "v.0.kind": "x",
        "extra": "{",
    }

    assert client_for(alice).post(address(prompt), {**data, **odd}).status_code == 200


def test_the_list_is_searched_in_names_and_texts(client_for, alice, prompt, workspace):
    url = reverse("chat:prompts", args=[workspace.slug])
    texts = ("REPLY", "question answer", "short", "nothing", "a\0b", "x" * 60_000)

    found = [client_for(alice).get(url, {"q": text}).content.decode() for text in texts]

    assert [address(prompt) in html for html in found] == [True, True, True, False, False, False]
    assert "No prompt has “nothing”" in found[3]


def test_many_prompts_cost_no_more_queries(client_for, alice, prompt, workspace, django_assert_num_queries):
    client, url = client_for(alice), reverse("chat:prompts", args=[workspace.slug])
    client.get(url)
    Prompt.objects.bulk_create(Prompt(workspace=workspace, name=f"p{number}") for number in range(200))
    with django_assert_num_queries(5):
        client.get(url)


def test_versions_are_compared_restored_and_pinned(client_for, alice, prompt):
    client = client_for(alice)
    saved = PromptFields("Reply", "", PromptContent("Help {{who}}."), "shorter")
    save_prompt(prompt, saved, 1, actor=alice)

    html = client.get(address(prompt, "chat:prompt_versions")).content.decode()
    assert ">Help</ins>" in html and ">Answer</del>" in html
    client.post(address(prompt, "chat:restore_version"), {"number": "1", "edits": "2"})
    assert newest(prompt) == CONTENT
    assert prompt.versions.first().note == "Version 1 again"
    # The page was older than the last change.
    response = client.post(
        address(prompt, "chat:restore_version"), {"number": "2", "edits": "2"}, follow=True
    )
    assert "nothing was restored" in response.content.decode()
    client.post(address(prompt, "chat:pin_version"), {"number": "2"})
    prompt.refresh_from_db()
    assert (prompt.version, prompt.production) == (3, 2)
    client.post(address(prompt, "chat:pin_version"))
    prompt.refresh_from_db()
    assert prompt.production is None


@pytest.mark.parametrize("query", [{"number": "7"}, {"number": "1", "against": "9"}])
def test_a_version_that_does_not_exist_is_not_found(client_for, alice, prompt, query):
    assert client_for(alice).get(address(prompt, "chat:prompt_versions"), query).status_code == 404
    assert client_for(alice).post(address(prompt, "chat:pin_version"), {"number": "7"}).status_code == 404
    assert client_for(alice).post(address(prompt, "chat:restore_version"), {"number": "x"}).status_code == 404


def test_a_viewer_reads_and_cannot_write(client_for, vera, prompt):
    client = client_for(vera)
    html = client.get(address(prompt)).content.decode()
    assert "Viewers can only read it." in html and '<fieldset class="entry-fields stack" disabled>' in html
    assert client.post(address(prompt), {"name": "Mine"}).status_code == 403
    assert Membership.objects.filter(user=vera).exists()
