"""Public snapshots: what they copy, who can open them, and when they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.flows.allow_public_links import allow_public_links
from accounts.flows.change_membership import remove_member
from accounts.models import AuditEvent, Membership, Role
from chat import files
from chat.exceptions import AnswerPending, SnapshotRefused
from chat.exporting.snapshot import Parts, copy_for_snapshot
from chat.flows.create_comparison import create_comparison
from chat.flows.delete_conversation import delete_conversation
from chat.flows.make_snapshot import MOST_LIVE, make_snapshot
from chat.flows.revoke_snapshot import revoke_snapshot
from chat.flows.set_system_prompt import set_system_prompt
from chat.flows.sweep_files import sweep_files
from chat.media import Media
from chat.models import Message, Run, Snapshot, StoredFile
from playground.upstream.dialects.shared.transcript import MediaKind

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(2)) <img src=x onerror=alert(3)>"
EVERYTHING = Parts(*[True] * 6)


@pytest.fixture
def allowed(workspace, alice):
    allow_public_links(workspace, is_on=True, actor=alice)
    return workspace


@pytest.fixture
def told(conversation, alice):
    """The conversation with everything in it that must not be shown unless it was chosen."""
    set_system_prompt(conversation, alice, "SYSTEM-WORDS")
    conversation.refresh_from_db()
    prompt, answer = conversation.messages.order_by("pk")
    data = {
        "tool_calls": [{"id": "1", "name": "find", "arguments": '{"of": "ARGUMENT-WORDS"}'}],
        "citations": [{"url": "https://example.org/tides", "title": "Tides", "secret": "CITED-SECRET"}],
        "opaque_reasoning": [{"type": "thinking", "signature": "SIGNED-WORDS"}],
    }
    Message.objects.filter(pk=answer.pk).update(
        text=f"PUBLIC {HOSTILE}", reasoning="THOUGHT-WORDS", data=data
    )
    Message.objects.filter(pk=prompt.pk).update(text=f"ASKED {HOSTILE}")
    result = Message.objects.create(
        conversation=conversation, parent=answer, role="tool", text="RESULT-WORDS", data={"name": "find"}
    )
    conversation.head = result
    conversation.save(update_fields=["head"])
    picture = Media(MediaKind.IMAGE, "image/png", "FILE-WORDS.png", b"bytes", width=1, height=1)
    files.keep(picture, conversation.workspace, uploader=alice, message=prompt)
    return conversation


def made(conversation, user, parts=Parts(), days=7):  # noqa: B008 - it is frozen
    seen = copy_for_snapshot(conversation, parts).digest
    return make_snapshot(conversation, user, parts, days, seen=seen)


def seen_in(html):
    [seen] = re.findall(r'name="seen" value="(\w+)"', html)
    return seen


def page_of(client, token):
    return client.get(reverse("chat:public_snapshot", args=[token]))


def test_nothing_is_shown_that_was_not_chosen(allowed, told, alice, client, django_assert_max_num_queries):
    snapshot, token = made(told, alice)
    with django_assert_max_num_queries(1):
        response = page_of(client, token)
    html = response.content.decode()
    assert response.status_code == 200
    assert "PUBLIC" in html
    assert "ASKED" in html
    assert "The model called 1 tool, not shown here." in html
    assert "1 attached file, not shown here." in html
    everything = html + str(snapshot.content)
    run = Run.objects.get(conversation=told)
    for secret in (
        *("SYSTEM-WORDS", "ARGUMENT-WORDS", "CITED-SECRET", "SIGNED-WORDS", "THOUGHT-WORDS", "RESULT-WORDS"),
        *("FILE-WORDS", "Alice", "alice@", run.model_id, str(run.code), str(told.code), "acme", "USD"),
    ):
        assert secret not in everything, secret


def test_what_was_chosen_is_shown_and_hostile_text_stays_text(allowed, told, alice, client):
    snapshot, token = made(told, alice, EVERYTHING)
    response = page_of(client, token)
    html = response.content.decode()
    for words in (
        "SYSTEM-WORDS",
        "ARGUMENT-WORDS",
        "THOUGHT-WORDS",
        "RESULT-WORDS",
        "FILE-WORDS.png",
        "Alice",
    ):
        assert words in html, words
    assert "CITED-SECRET" not in html
    assert not re.search(r"<script|<img src=.?x|href=.?javascript|<form|<iframe", html)
    policy = response["Content-Security-Policy"]
    for directive in (
        "script-src 'none'",
        "connect-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    file = snapshot.files.get()
    address = reverse("chat:public_file", args=[token, file.code])
    assert address in html
    sent = client.get(address)
    assert b"".join(sent.streaming_content if not sent.is_async else []) in (b"", b"bytes")
    assert sent.status_code == 200
    assert "no-store" in sent["Cache-Control"]
    # The private address of the file leads nowhere, and no sweep takes it for an upload.
    assert client.get(reverse("chat:file", args=[file.code])).status_code == 302
    StoredFile.objects.update(created_at=now() - timedelta(days=9))
    sweep_files()
    assert client.get(address).status_code == 200


def test_the_page_has_no_session_and_is_kept_out_of_caches_and_search(
    allowed, conversation, alice, client_for, client
):
    _, token = made(conversation, alice)
    for visitor in (client, client_for(alice)):
        response = page_of(visitor, token)
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
    # A signed-in person sees what everybody sees.
    assert page_of(client, token).content == page_of(client_for(alice), token).content


def test_it_is_frozen(allowed, told, alice, client):
    _, token = made(told, alice, EVERYTHING)
    before = page_of(client, token).content
    Message.objects.filter(conversation=told).update(text="LATER")
    told.title = "Another title"
    told.save(update_fields=["title"])
    Message.objects.create(conversation=told, parent=told.head, role="user", text="LATER")
    StoredFile.objects.filter(message__conversation=told).delete()
    assert page_of(client, token).content == before


def test_every_link_that_does_not_work_looks_the_same(allowed, conversation, alice, client):
    def nowhere():
        return page_of(client, "x" * 43)

    expected = nowhere()
    assert (expected.status_code, expected["Cache-Control"]) == (404, "no-store, private")
    snapshot, token = made(conversation, alice)
    ends = {
        "revoked": lambda: revoke_snapshot(snapshot, alice),
        "expired": lambda: Snapshot.objects.update(expires_at=now()),
        "not allowed": lambda: allow_public_links(allowed, is_on=False, actor=alice),
        "deleted": lambda: delete_conversation(conversation, alice),
    }
    for name, end in ends.items():
        Snapshot.objects.update(revoked_at=None, expires_at=now() + timedelta(days=1))
        Snapshot.objects.update(content=copy_for_snapshot(conversation, Parts()).content)
        allow_public_links(allowed, is_on=True, actor=alice)
        assert page_of(client, token).status_code == 200, name
        end()
        found = page_of(client, token)
        assert (found.status_code, found.content, found.headers) == (
            404,
            expected.content,
            expected.headers,
        ), name
    address = reverse("chat:public_file", args=[token, conversation.code])
    assert client.get(address).content == expected.content


def test_revoking_deletes_the_copy(allowed, told, alice):
    snapshot, _ = made(told, alice, EVERYTHING)
    assert revoke_snapshot(snapshot, alice)
    assert not revoke_snapshot(snapshot, alice)
    snapshot.refresh_from_db()
    assert (snapshot.content, snapshot.files.count()) == ({}, 0)
    # The file of the message has the same bytes, and stays.
    assert files.read(StoredFile.objects.get()) == b"bytes"
    actions = list(AuditEvent.objects.filter(action__contains="public").values_list("action", flat=True))
    assert actions == ["sharing.revoke_public", "sharing.make_public", "sharing.allow_public"]


def test_no_link_is_made_that_must_not_be(workspace, conversation, alice):
    with pytest.raises(SnapshotRefused, match="no longer allowed"):
        made(conversation, alice)
    allow_public_links(workspace, is_on=True, actor=alice)
    with pytest.raises(SnapshotRefused, match="has changed"):
        make_snapshot(conversation, alice, Parts(), 7, seen="another")
    Run.objects.update(status=Run.Status.RUNNING)
    with pytest.raises(AnswerPending):
        made(conversation, alice)
    Run.objects.update(status=Run.Status.FINISHED)
    made(conversation, alice)
    for number in range(MOST_LIVE - 1):
        Snapshot.objects.create(
            workspace=workspace,
            conversation=conversation,
            token_hash=str(number),
            expires_at=now() + timedelta(1),
        )
    with pytest.raises(SnapshotRefused, match="Revoke one"):
        made(conversation, alice)
    empty = create_comparison(workspace, alice, [None, None])
    with pytest.raises(SnapshotRefused, match="nothing to show"):
        made(empty, alice)


def test_a_blind_comparison_names_no_model(allowed, alice, conversation, client_for):
    entry = create_comparison(allowed, alice, [None, None])
    type(entry).objects.filter(pk=entry.pk).update(is_blind=True)
    column = entry.columns.all()[0]
    Message.objects.filter(conversation=conversation).update(conversation=column)
    column.head = conversation.head
    column.save(update_fields=["head"])
    client = client_for(alice)
    address = reverse("chat:publish", args=[entry.code])
    html = client.get(address, {"preview": "yes", "show": ["models", "reasoning"]}).content.decode()
    assert conversation.model.name not in html.partition('id="public-preview"')[2]
    data = {"show": ["models"], "days": "7", "seen": seen_in(html)}
    assert client.post(reverse("chat:make_public_link", args=[entry.code]), data).status_code == 302
    assert Snapshot.objects.get().parts == []


def test_the_owner_makes_one_after_a_preview_and_sees_its_link_once(allowed, told, alice, client_for, client):
    owner = client_for(alice)
    address = reverse("chat:publish", args=[told.code])
    html = owner.get(address, {"preview": "yes", "show": ["system"]}).content.decode()
    assert "SYSTEM-WORDS" in html
    assert "RESULT-WORDS" not in html
    data = {"show": ["system"], "days": "7", "seen": seen_in(html)}
    make = reverse("chat:make_public_link", args=[told.code])
    for wrong in ({**data, "days": "9999"}, {**data, "seen": "0" * 64}):
        assert owner.post(make, wrong).status_code == 422
    assert owner.post(make, data).status_code == 302
    html = owner.get(address).content.decode()
    [token] = re.findall(r"/public/([\w-]{43})/", html)
    assert b"SYSTEM-WORDS" in page_of(client, token).content
    assert token not in owner.get(address).content.decode()
    assert token not in str(list(Snapshot.objects.values())) + str(list(AuditEvent.objects.values()))
    revoke = reverse("chat:revoke_public_link", args=["acme", Snapshot.objects.get().code])
    assert owner.post(revoke, {"next": "https://evil.example/"}).url == address
    assert page_of(client, token).status_code == 404


def test_admins_see_and_revoke_all_and_others_their_own(allowed, conversation, alice, ada, bob, client_for):
    snapshot, _ = made(conversation, alice)
    Membership.objects.filter(user=ada).update(role=Role.ADMIN)
    assert (
        conversation.title
        in client_for(ada).get(reverse("chat:public_links", args=["acme"])).content.decode()
    )
    revoke = reverse("chat:revoke_public_link", args=["acme", snapshot.code])
    assert client_for(bob).post(revoke).status_code == 404
    assert client_for(ada).post(revoke, {"next": "/w/acme/public-links/"}).url == "/w/acme/public-links/"
    assert [event.actor for event in AuditEvent.objects.all()[:1]] == [ada]


def test_the_list_of_two_hundred_links_takes_as_many_queries(
    allowed, conversation, alice, client_for, django_assert_max_num_queries
):
    Snapshot.objects.bulk_create(
        Snapshot(
            workspace=allowed,
            conversation=conversation,
            made_by=alice,
            title=f"<b>{number}</b>",
            token_hash=str(number),
            expires_at=now() + timedelta(1),
        )
        for number in range(200)
    )
    client = client_for(alice)
    with django_assert_max_num_queries(8):
        html = client.get(reverse("chat:public_links", args=["acme"])).content.decode()
    assert html.count("&lt;b&gt;") == 100
    assert "<b>1" not in html


def test_one_address_may_not_try_for_ever(allowed, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "public": "3/m/ip"}
    assert [page_of(client, "x").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_a_link_ends_with_the_membership_of_its_maker(allowed, conversation, alice, ada, client):
    snapshot, token = made(conversation, alice)
    assert page_of(client, token).status_code == 200
    Membership.objects.filter(user=ada).update(role=Role.OWNER)
    remove_member(Membership.objects.get(user=alice), actor=ada)
    assert page_of(client, token).status_code == 404
    snapshot.refresh_from_db()
    assert (snapshot.content, snapshot.revoked_at is None) == ({}, False)
    event = AuditEvent.objects.get(action="sharing.revoke_public")
    assert (event.actor, event.after) == (None, {"why": "its maker left the workspace"})


def test_links_of_others_stay(allowed, conversation, alice, bob, client):
    _, token = made(conversation, alice)
    remove_member(Membership.objects.get(user=bob), actor=bob)
    assert page_of(client, token).status_code == 200
