from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from accounts.models import Limit
from chat.flows.delete_conversation import delete_conversation
from chat.flows.restore_conversation import restore_conversation
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.models import Access, Conversation, Run
from chat.relays import background
from tests.chat.comparing import columns_of, compare, endpoint_named, send

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    return compare(workspace, alice, 3)


def page_of(entry: Conversation) -> str:
    return reverse("chat:comparison", args=[entry.code])


def post(client: Client, entry: Conversation, columns: list[Conversation] | None = None, **data: Any) -> Any:
    codes = [column.code for column in (columns_of(entry) if columns is None else columns)]
    posted = {"text": "Hello", "idempotency_key": uuid.uuid4(), "column": codes, **data}
    return client.post(reverse("chat:send_to_columns", args=[entry.code]), posted)


def test_a_new_comparison_has_two_columns_with_different_models(workspace, alice, catalogue, client_for):
    response = client_for(alice).post(reverse("chat:new_comparison", args=[workspace.slug]))

    entry = Conversation.objects.get(is_comparison=True)
    assert response.url == page_of(entry)
    first, second = columns_of(entry)
    assert first.model and second.model and first.model != second.model
    assert (entry.owner, first.owner, second.column_place) == (alice, alice, 1)


def test_an_empty_comparison_is_opened_again_in_place_of_another(workspace, alice, entry, client_for):
    client = client_for(alice)

    assert client.post(reverse("chat:new_comparison", args=[workspace.slug])).url == page_of(entry)
    send(entry, alice)
    assert client.post(reverse("chat:new_comparison", args=[workspace.slug])).url != page_of(entry)


def test_a_comparison_without_any_model_says_so_in_its_columns(workspace, alice, client_for):
    client = client_for(alice)
    client.post(reverse("chat:new_comparison", args=[workspace.slug]))

    entry = Conversation.objects.get(is_comparison=True)
    assert "No model" in client.get(page_of(entry)).text
    assert "no model to use" in post(client, entry).text


def test_the_page_shows_all_columns_each_with_ids_of_its_own(entry, alice, client_for):
    send(entry, alice, "Write a poem.")

    html = client_for(alice).get(page_of(entry)).text

    for column in columns_of(entry):
        assert html.count(f'data-thread="{column.code}"') == 1
        assert html.count(f'id="thread-{column.code}"') == 1
    assert html.count("Write a poem.") >= 3
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_a_prompt_goes_to_the_chosen_columns(entry, alice, client_for):
    first, _, third = columns_of(entry)

    response = post(client_for(alice), entry, [third, first])

    assert response.status_code == 200
    assert [run.conversation_id for run in Run.objects.order_by("pk")] == [first.pk, third.pk]


def test_the_parameters_on_the_page_apply_to_the_column_that_they_belong_to(entry, alice, client_for):
    _, second, third = columns_of(entry)
    Conversation.objects.filter(pk=third.pk).update(parameters={"temperature": 0.1})
    shown: dict[str, Any] = {
        "of": str(second.code),
        "endpoint": endpoint_named("demo/markdown").pk,
        "p.temperature": "0.7",
    }

    assert post(client_for(alice), entry, **shown).status_code == 200

    assert [run.parameters for run in Run.objects.order_by("pk")] == [
        {},
        {"temperature": 0.7},
        {"temperature": 0.1},
    ]
    assert [run.model_id for run in Run.objects.order_by("pk")] == [
        "demo/plain",
        "demo/markdown",
        "demo/plain",
    ]


def test_without_a_column_or_words_nothing_is_sent(entry, alice, client_for):
    client = client_for(alice)

    refused = post(client, entry, [])
    assert refused.status_code == 422
    assert "Choose at least one column" in refused.text
    refused = post(client, entry, text=" ")
    assert "Write a prompt first." in refused.text
    refused = post(client, entry, column=["nonsense"])
    assert "out of date" in refused.text
    assert not Run.objects.exists()


def test_a_limit_that_refuses_one_column_says_which_and_sends_nothing(workspace, entry, alice, client_for):
    Limit.objects.create(
        workspace=workspace, unit="requests", period="day", amount=0, model_pattern="demo/markdown"
    )

    refused = post(client_for(alice), entry, text="Keep these words")

    assert refused.status_code == 422
    assert "Column 2, Demo Markdown:" in refused.text
    assert "Nothing was sent to any column." in refused.text
    assert "Keep these words" in refused.text
    assert not Run.objects.exists()


def test_a_model_that_went_away_is_named_at_its_column(entry, alice, client_for):
    second = columns_of(entry)[1]
    assert second.model
    second.model.delete()

    html = client_for(alice).get(page_of(entry)).text
    assert html.count('class="compare-column"') == 3

    endpoint_named("demo/plain").model.__class__.objects.filter(model_id="demo/plain").update(
        is_enabled=False
    )
    refused = post(client_for(alice), entry)
    assert "Column 1, " in refused.text
    assert not Run.objects.exists()


def test_columns_of_another_comparison_are_not_found(workspace, entry, alice, client_for):
    other = compare(workspace, alice)

    assert post(client_for(alice), entry, columns_of(other)).status_code == 404
    assert post(client_for(alice), entry, columns_of(entry)[:1] + columns_of(other)[:1]).status_code == 404
    assert not Run.objects.exists()


def test_a_conversation_is_no_comparison_and_a_comparison_no_conversation(
    entry, alice, client_for, conversation
):
    client = client_for(alice)

    assert client.get(page_of(conversation)).status_code == 404
    assert client.get(reverse("chat:conversation", args=[entry.code])).url == page_of(entry)
    column = columns_of(entry)[1]
    found = client.get(reverse("chat:conversation", args=[column.code]) + "?q=words")
    assert found.url == f"{page_of(entry)}?q=words&column={column.code}"
    data = {"text": "Hi", "idempotency_key": uuid.uuid4()}
    assert client.post(reverse("chat:send", args=[entry.code]), data).status_code == 404


@pytest.mark.parametrize("name", ["rename", "delete", "share", "restore", "menu", "place"])
def test_a_column_is_named_shared_placed_and_deleted_with_its_comparison_only(entry, alice, client_for, name):
    column = columns_of(entry)[0]
    client, url = client_for(alice), reverse(f"chat:{name}", args=[column.code])
    ask = client.get if name in {"share", "menu"} else client.post

    assert ask(url, {"title": "Other", "place": "pinned"}).status_code == 404
    column.refresh_from_db()
    assert (column.title, column.deleted_at) == ("New comparison", None)


def test_a_new_name_is_the_name_of_the_columns_too(entry, alice, client_for):
    client_for(alice).post(reverse("chat:rename", args=[entry.code]), {"title": "Rivers"})

    assert {each.title for each in [Conversation.objects.get(pk=entry.pk), *columns_of(entry)]} == {"Rivers"}


def test_the_settings_of_a_column_are_its_own(entry, alice, client_for, carol):
    second = columns_of(entry)[1]
    url = reverse("chat:column_settings", args=[second.code])

    html = client_for(alice).get(url).text
    assert "Column 2" in html
    assert reverse("chat:configure", args=[second.code]) in html
    assert client_for(carol).get(url).status_code == 404
    assert client_for(alice).get(reverse("chat:column_settings", args=[entry.code])).status_code == 404


def test_stop_all_stops_the_answers_of_the_comparison_alone(workspace, entry, alice, client_for, queued_run):
    send(entry, alice)

    response = client_for(alice).post(reverse("chat:stop_columns", args=[entry.code]))

    assert response.status_code == 204
    assert set(Run.objects.exclude(pk=queued_run.pk).values_list("status", flat=True)) == {"stopped"}
    queued_run.refresh_from_db()
    assert queued_run.is_live


def test_whoever_may_only_read_stops_their_own_answers(workspace, entry, alice, bob, client_for):
    send(entry, alice)
    share_with_workspace(entry, alice, Access.READ)

    assert client_for(bob).post(reverse("chat:stop_columns", args=[entry.code])).status_code == 204
    assert set(Run.objects.values_list("status", flat=True)) == {"queued"}


def test_a_share_opens_the_columns_and_its_end_closes_them(workspace, entry, alice, bob, client_for):
    client, column = client_for(bob), columns_of(entry)[2]
    member = bob.memberships.get()
    urls = [page_of(entry), reverse("chat:frames", args=[column.code]) + "?state={}"]
    assert [client.get(url).status_code for url in urls] == [404, 404]

    share_with_member(entry, alice, member, can_write=False)
    assert client.get(page_of(entry)).status_code == 200
    assert client.get(urls[1]).status_code != 404
    assert post(client, entry).status_code == 403

    share_with_member(entry, alice, member, can_write=True)
    assert post(client, entry).status_code == 200

    stop_sharing(entry, alice, member)
    assert [client.get(url).status_code for url in urls] == [404, 404]


def test_a_deleted_comparison_takes_its_columns_along_and_brings_them_back(entry, alice, client_for):
    client = client_for(alice)
    send(entry, alice)

    delete_conversation(entry, alice)
    assert not Conversation.objects.exists()
    assert set(Run.objects.values_list("status", flat=True)) == {"stopped"}
    assert client.get(page_of(entry)).status_code == 404

    restore_conversation(entry, alice)
    assert client.get(page_of(entry)).text.count('class="compare-column"') == 3


def test_a_list_shows_the_comparison_once_and_a_search_leads_to_it(entry, alice, workspace, client_for):
    send(entry, alice, "Tell me about a quokka.")
    client = client_for(alice)
    search = reverse("chat:search", args=[workspace.slug])

    for query in ("", "quokka", "Tell me"):
        html = client.get(search, {"q": query}).text
        assert html.count("sidebar-item") == 1, query
        assert page_of(entry) in html
    assert f"{page_of(entry)}?at=" in client.get(search, {"q": "quokka"}).text
    assert "Nothing found" in client.get(search, {"q": "wombat"}).text


def test_a_visitor_is_sent_to_sign_in_and_a_wrong_method_is_refused(entry, client, client_for, alice):
    assert "/sign-in/" in client.get(page_of(entry)).url
    assert client_for(alice).post(page_of(entry)).status_code == 405
    assert client_for(alice).get(reverse("chat:send_to_columns", args=[entry.code])).status_code == 405


def test_a_search_opens_the_comparison_at_the_message_in_its_column(entry, alice, client_for):
    _, second, third = columns_of(entry)
    send(entry, alice, "An okapi")
    hit = second.messages.get(role="user")
    client = client_for(alice)

    response = client.get(
        reverse("chat:conversation", args=[entry.code]), {"at": hit.code, "q": "OKAPI"}, follow=True
    )

    assert response.redirect_chain[0][0].startswith(page_of(entry))
    column = response.text.split(f'data-thread="{second.code}"')[1].split("<header")[0]
    assert f'data-at="message-{hit.code}"' in column
    assert 'data-words="okapi"' in column
    assert response.text.count("data-at=") == 1
    assert f'data-shown="{second.code}"' in response.text

    # A message of another version is shown for reading, and its column receives nothing.
    Conversation.objects.filter(pk=second.pk).update(head=None)
    html = client.get(page_of(entry), {"at": hit.code}).text
    column = html.split(f'id="column-{second.code}"')[1].split(f'id="column-{third.code}"')[0]
    assert "Show the current version" in " ".join(column.split())
    assert "data-live-url" not in column.split("<header")[0]
    box = column.split('type="checkbox"')[1].split(">")[0]
    assert "disabled" in box
    assert "checked" not in box
    for wrong in (uuid.uuid4(), "nonsense"):
        assert client.get(page_of(entry), {"at": wrong}).status_code == 404
