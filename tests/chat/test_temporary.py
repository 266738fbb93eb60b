"""Temporary chats: in no list, shared with nobody, gone some hours after their last answer, unless kept."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import AuditEvent, LedgerEntry, Limit, Workspace
from chat.exceptions import TemporaryRefused
from chat.exporting.account import account_archive
from chat.flows.audit_books import audit_books
from chat.flows.build_request import Choice
from chat.flows.expire_conversations import expire_conversations
from chat.flows.export_workspace import export_workspace
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.open_title_run import open_title_run
from chat.flows.purge_conversations import purge_conversations
from chat.flows.send_or_queue import start_or_queue
from chat.flows.send_prompt import start_conversation
from chat.models import Conversation, Exchange, Message, QueuedPrompt, Run, TableCase, TitleSetting
from chat.titles import TEMPORARY_TITLE
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta
from playground.upstream.recording.recorder import Recording

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

PROMPT = "What does the quokka know?"
NEW, RULES, SAVE = (
    reverse(f"chat:{name}", args=["acme"]) for name in ("new", "retention", "set_content_rules")
)


@pytest.fixture
def run(workspace, alice, endpoint) -> Run:
    choice = Choice(endpoint, {})
    run = start_conversation(workspace, alice, PROMPT, choice, uuid.uuid4(), is_temporary=True)
    answer = Answer()
    for event in (TextDelta("Quokka **secrets**."), Finished("stop")):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    run.refresh_from_db()
    return run


@pytest.fixture
def temporary(run: Run) -> Conversation:
    return Conversation.objects.get()


def aged(conversation: Conversation, hours: float) -> None:
    at = now() - timedelta(hours=hours)
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=at)
    Run.objects.filter(conversation=conversation).update(finished_at=at)


def rule(workspace: Workspace, **rules: object) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(**rules)
    workspace.refresh_from_db()


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def posted(client, endpoint, **more: str):
    data = {"text": PROMPT, "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk), **more}
    return client.post(reverse("chat:start", args=["acme"]), data)


def test_the_switch_of_a_new_chat_makes_one(client_for, alice, endpoint, monkeypatch):
    monkeypatch.setattr("chat.views.new_chat.background.start", lambda run: None)
    client = client_for(alice)
    switched_on = "data-temporary checked"
    assert switched_on not in text_of(client.get(NEW))
    assert switched_on in text_of(client.get(f"{NEW}?temporary=true"))
    page = posted(client, endpoint, temporary="on").url
    made = Conversation.objects.get()
    assert made.is_temporary
    assert made.title == TEMPORARY_TITLE
    shown = text_of(client.get(page))
    assert f'id="title-{made.code}">Temporary chat</span>' in shown
    assert "It is deleted 24 hours after its last answer." in shown
    for offered in (
        "Copy to a chat",
        'share-dialog" data-share',
        "Compare with",
        "Save as a prompt",
        "data-rename>",
    ):
        assert offered not in shown
    assert posted(client, endpoint).url != page
    assert Conversation.objects.filter(is_temporary=False).count() == 1


@pytest.mark.parametrize("query", ["", "?q=quokka", "?q=temporary", "?archived=true"])
def test_no_list_and_no_search_has_it(query, client_for, alice, temporary):
    listed = client_for(alice).get(reverse("chat:search", args=["acme"]) + query)
    assert str(temporary.code) not in listed.content.decode()
    assert str(temporary.code) not in text_of(client_for(alice).get(NEW))


def test_only_its_owner_opens_it(client_for, alice, bob, temporary):
    page = reverse("chat:conversation", args=[temporary.code])
    assert client_for(alice).get(page).status_code == 200
    assert client_for(bob).get(page).status_code == 404


_MESSAGE = ("collect_case", "fork")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *(("get", name) for name in ("share", "people_to_share_with", "publish", "save_as_prompt", "menu")),
        *(("post", f"share_with_{whom}") for whom in ("everyone", "person", "group")),
        *(("post", name) for name in ("make_public_link", "copy_conversation", "compare", "place", "rename")),
        *(("post", name) for name in _MESSAGE),
    ],
)
def test_nothing_takes_its_content_elsewhere_before_it_is_kept(method, name, client_for, alice, temporary):
    rule(temporary.workspace, allows_public_links=True)
    client = client_for(alice)
    code = temporary.head.code if name in _MESSAGE else temporary.code
    data = {"access": "read", "place": "pinned", "title": "Quokkas"} if method == "post" else {}

    def answer():
        return getattr(client, method)(reverse(f"chat:{name}", args=[code]), data).status_code

    assert answer() == 404
    assert (Conversation.objects.count(), TableCase.objects.count()) == (1, 0)
    client.post(reverse("chat:keep_conversation", args=[temporary.code]))
    assert answer() != 404


@pytest.mark.django_db(transaction=True)
def test_no_archive_has_anything_of_it(workspace, alice, temporary, run, second_run, tmp_path):
    recording = Recording(1000)
    recording.sent_at = now()
    exchange = Exchange.of(run, 1, recording)
    assert exchange is not None
    exchange.save()
    here = zipfile.ZipFile(io.BytesIO(b"".join(account_archive(alice))))
    assert [name for name in here.namelist() if str(temporary.code) in name] == []
    file = (tmp_path / "acme.archive").open("wb")
    with file:
        counts = {part.label: part.done for part in export_workspace(workspace, file, "seven quiet otters")}
    names = ("Conversation", "Message", "Run", "Exchange")
    assert [counts[f"chat.{name}"] for name in names] == [1, 2, 1, 0]


def test_no_model_makes_a_title_of_it(workspace, endpoint, run):
    TitleSetting.objects.create(workspace=workspace, model=endpoint.model)
    assert open_title_run(run.pk) is None
    Conversation.objects.update(is_temporary=False)
    assert open_title_run(run.pk) is not None


def test_it_goes_for_good_some_hours_after_its_last_answer_and_its_cost_stays(workspace, temporary):
    entries = LedgerEntry.objects.count()
    assert entries
    rule(workspace, temporary_hours=5)
    aged(temporary, 4.9)
    assert expire_conversations() == 0
    # The answer came late.
    Conversation.objects.update(updated_at=now() - timedelta(hours=9))
    assert expire_conversations() == 0
    aged(temporary, 5.1)
    assert expire_conversations() == 1
    Conversation.with_deleted.update(deleted_at=now() - timedelta(minutes=2))
    assert purge_conversations() == 1

    assert not Message.objects.exists()
    assert not Run.objects.exists()
    assert LedgerEntry.objects.count() == entries
    assert audit_books() == []
    assert PROMPT not in str(list(AuditEvent.objects.values()))


def test_the_other_rules_do_not_keep_it_and_it_outlives_no_answer_at_work(workspace, temporary, second_run):
    rule(workspace, conversation_days=1, temporary_hours=48)
    aged(temporary, 30)
    assert expire_conversations() == 0
    aged(temporary, 49)
    Run.objects.filter(conversation=temporary).update(status=Run.Status.RUNNING)
    assert expire_conversations() == 0
    Run.objects.filter(conversation=temporary).update(status=Run.Status.FINISHED)
    assert expire_conversations() == 1


def test_kept_it_is_one_like_any_other(client_for, alice, temporary):
    aged(temporary, 100)
    client, keep = client_for(alice), reverse("chat:keep_conversation", args=[temporary.code])
    shown = text_of(client.post(keep, headers={"HX-Request": "true"}))
    assert f'id="temporary-{temporary.code}" hx-swap-oob="delete"' in shown
    assert f'href="/c/{temporary.code}/"' in shown
    temporary.refresh_from_db()
    assert (temporary.title, temporary.is_temporary) == (PROMPT, False)
    assert expire_conversations() == 0
    found = client.get(reverse("chat:search", args=["acme"]), {"q": "quokka"})
    assert str(temporary.code) in text_of(found)
    # Again nothing happens.
    client.post(reverse("chat:rename", args=[temporary.code]), {"title": "Marsupials"})
    client.post(keep)
    temporary.refresh_from_db()
    assert temporary.title == "Marsupials"


def test_one_whose_first_prompt_waits_is_kept_with_its_title(workspace, alice, endpoint, client_for):
    Limit.objects.create(workspace=workspace, unit="requests", amount=1, period="minute", lets_wait=True)
    for text in ("The first", PROMPT):
        sent = start_or_queue(
            workspace, alice, text, Choice(endpoint, {}), uuid.uuid4(), is_temporary=text == PROMPT
        )
    assert isinstance(sent, QueuedPrompt)
    assert sent.conversation.is_temporary
    client_for(alice).post(reverse("chat:keep_conversation", args=[sent.conversation.code]))
    assert Conversation.objects.get(pk=sent.conversation_id).title == PROMPT


def test_a_workspace_may_forbid_them(workspace, alice, endpoint, client_for, temporary):
    client = client_for(alice)
    rules = {"temporary_hours": "5", "seen": client.get(RULES).context["form"].initial["seen"]}
    assert "Enter a whole number" in text_of(client.post(SAVE, {**rules, "temporary_hours": "x"}))
    assert client.post(SAVE, rules).status_code == 302
    [event] = AuditEvent.objects.filter(action="settings.content_rules")
    assert event.after == {"allows_temporary": False, "temporary_hours": 5, "keeps_pinned": False}
    assert "Temporary chats are not allowed" in text_of(client.get(reverse("chat:workspace", args=["acme"])))

    assert "data-temporary" not in text_of(client.get(f"{NEW}?temporary=true"))
    assert "no longer allows temporary chats" in text_of(posted(client, endpoint, temporary="on"))
    workspace.refresh_from_db()
    with pytest.raises(TemporaryRefused):
        start_conversation(workspace, alice, "Hi", Choice(endpoint, {}), uuid.uuid4(), is_temporary=True)
    # Those that were begun before can still be read and kept, and go when they would have gone.
    assert client.get(reverse("chat:conversation", args=[temporary.code])).status_code == 200
    aged(temporary, 6)
    assert expire_conversations() == 1


def test_the_second_question_counts_those_that_go_at_once(client_for, alice, temporary):
    aged(temporary, 10)
    client = client_for(alice)
    asked = {"allows_temporary": "on", "keeps_pinned": "on", "temporary_hours": "9"}
    assert "<b>1 conversation</b>" in text_of(client.post(SAVE, asked))


@pytest.mark.parametrize("who", ["bob", "carol", ""])
def test_nobody_else_keeps_it(who, request, client, client_for, temporary):
    asking = client_for(request.getfixturevalue(who)) if who else client
    status = asking.post(reverse("chat:keep_conversation", args=[temporary.code])).status_code
    assert status == (404 if who else 302)
    assert Conversation.objects.get().is_temporary


def test_it_is_kept_by_a_post(client_for, alice, temporary):
    assert client_for(alice).get(reverse("chat:keep_conversation", args=[temporary.code])).status_code == 405
