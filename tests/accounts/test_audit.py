from __future__ import annotations

import csv
import json
import logging
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.flows.change_membership import change_role, remove_member
from accounts.flows.edit_workspace import WorkspaceFields, edit_workspace
from accounts.flows.invite import invite
from accounts.flows.purge_audit_events import purge_audit_events
from accounts.flows.reset_password import make_reset_code, reset_password
from accounts.flows.save_key import save_key
from accounts.flows.set_audit_retention import set_audit_retention
from accounts.flows.set_limit import add_limit, change_limit
from accounts.models import AuditAction, AuditEvent, Limit, Membership, User
from accounts.origins import called_from

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/audit/"


@pytest.fixture(autouse=True)
def _no_events(alice, ada, bob) -> None:
    """Forget how the people of the tests came in."""
    AuditEvent.objects.all().delete()


def told() -> list[str]:
    """Return the events as sentences, the first one first."""
    return [str(event) for event in AuditEvent.objects.order_by("pk")]


def test_an_event_has_who_what_where_and_what_changed(workspace, ada, bob):
    member = Membership.objects.get(workspace=workspace, user=bob)
    with called_from("192.0.2.7"):
        change_role(member, "viewer", actor=ada)

    event = AuditEvent.objects.get()
    assert str(event) == f"Ada ({ada.email}) changed the role of Bob ({bob.email})"
    assert (event.before, event.after) == ({"role": "member"}, {"role": "viewer"})
    assert (event.actor, event.origin, event.subject_code) == (ada, "192.0.2.7", f"user {bob.pk}")


def test_names_stay_as_they_were(workspace, ada, bob):
    remove_member(Membership.objects.get(workspace=workspace, user=bob), actor=ada)
    address = bob.email
    bob.delete()
    User.objects.filter(pk=ada.pk).update(name="Somebody Else")

    assert told()[-1] == f"Ada ({ada.email}) removed Bob ({address})"


def test_what_is_rolled_back_leaves_no_event(workspace, ada):
    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        edit_workspace(workspace, WorkspaceFields("Other"), actor=ada)
        raise Broken
    assert told() == []


def test_no_event_has_a_secret(workspace, ada, bob):
    save_key(workspace, "openai", "sk-a-first-secret-key", member=None, actor=ada)
    save_key(workspace, "openai", "sk-a-second-secret-key", member=None, actor=ada)
    _, token = invite(workspace, "member", "Ben", 7, actor=ada)
    reset_password(make_reset_code(bob), "Another-long-word-9")

    stored = json.dumps([audit.as_dict(event) for event in AuditEvent.objects.all()])
    assert len(AuditEvent.objects.all()) == 4
    for secret in ("secret", token, "Another-long-word-9"):
        assert secret not in stored


def test_a_limit_is_told_in_words(workspace, ada):
    limit = add_limit(Limit(workspace=workspace, unit="usd", period="day", amount=10_000_000), actor=ada)
    change_limit(limit, 20_000_000, actor=ada)

    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.before, event.after) == ({"amount": "$5.00"}, {"amount": "$10.00"})


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Decimal("1.50"), "1.50"),
        ("x" * 600, "x" * 499 + "…"),
        (["a", Decimal(1)], ["a", "1"]),
        ({"a": 1}, "{'a': 1}"),
        (range(0), "range(0, 0)"),
    ],
)
def test_values_are_kept_short_and_plain(workspace, ada, value, stored):
    audit.record(
        workspace, AuditAction.SET_MODEL, actor=ada, after={"value": value, "same": 1}, before={"same": 1}
    )
    event = AuditEvent.objects.get()
    assert (event.before, event.after) == ({}, {"value": stored})


def test_long_names_fit(workspace, ada):
    ada.name = "N" * 120
    ada.email = f"{'e' * 64}@{'d' * 180}.example"
    audit.record(workspace, AuditAction.ADD_PROVIDER, actor=ada, subject="s" * 500, code="c" * 200)
    event = AuditEvent.objects.get()
    assert (len(event.actor_name), len(event.subject), len(event.subject_code)) == (200, 300, 80)


def test_signing_in_and_out_is_noted_in_every_workspace_of_the_person(client, workspace, bob, carol):
    bob.set_password("A-long-word-for-bob-1")
    bob.save()
    elsewhere = carol.memberships.get().workspace
    Membership.objects.create(workspace=elsewhere, user=bob)

    client.post("/sign-in/", {"login": bob.email, "password": "wrong"})
    client.post("/sign-in/", {"login": "nobody@example.com", "password": "wrong"})
    client.post("/sign-in/", {"login": bob.email, "password": "A-long-word-for-bob-1"})
    client.post("/sign-out/")

    for each in (workspace, elsewhere):
        events = AuditEvent.objects.filter(workspace=each).order_by("pk")
        assert [event.action for event in events] == [
            "sign_ins.fail",
            "sign_ins.sign_in",
            "sign_ins.sign_out",
        ]
        assert {event.origin for event in events} == {"127.0.0.1"}
    failed = AuditEvent.objects.filter(action="sign_ins.fail").first()
    assert failed is not None
    assert (failed.actor, failed.subject) == (None, f"Bob ({bob.email})")


def test_a_changed_password_is_noted(client_for, bob):
    bob.set_password("A-long-word-for-bob-1")
    bob.save()
    client = client_for(bob)
    AuditEvent.objects.all().delete()
    words = {"password1": "Another-long-word-2", "password2": "Another-long-word-2"}
    client.post("/password/", {"oldpassword": "A-long-word-for-bob-1", **words})
    assert [event.action for event in AuditEvent.objects.all()] == ["sign_ins.change_password"]


def test_the_page_tells_what_changed_and_escapes_names(client_for, workspace, ada):
    before = workspace.name
    edit_workspace(workspace, WorkspaceFields("<b>Bold</b> & Co"), actor=ada)
    page = client_for(ada).get(PAGE).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in page
    assert "<b>Bold" not in page
    assert f"<del>{before}</del>" in page


def test_the_page_leaves_out_what_was_left_empty(client_for, workspace, ada):
    before, after = {"note": "old", "days": 30}, {"note": "", "reason": "", "days": None}
    audit.record(workspace, AuditAction.SAVE_PROMPT, actor=ada, before=before, after=after)
    page = client_for(ada).get(PAGE).content.decode()
    assert "<dt>reason</dt>" not in page
    assert page.count("<ins>nothing</ins>") == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["invited", "renamed the workspace"]),
        ("q=ínvited", ["invited"]),
        ("q=bén", ["invited"]),
        ("q=ada renamed", ["renamed the workspace"]),
        ("q=192.0.2.7", ["invited"]),
        ("q=nothing+like+it", []),
        ("area=settings", ["renamed the workspace"]),
        ("area=people", ["invited"]),
        ("area=nonsense", ["invited", "renamed the workspace"]),
        ("first=2020-01-01&last=2020-01-31", []),
        ("range=today", ["invited", "renamed the workspace"]),
        ("first=9999-12-01&last=9999-12-31", ["invited", "renamed the workspace"]),
        ("after=0", ["invited", "renamed the workspace"]),
        ("after=99999999999999999999", ["invited", "renamed the workspace"]),
    ],
)
def test_the_page_filters(client_for, workspace, ada, query, found):
    client = client_for(ada)
    AuditEvent.objects.all().delete()
    with called_from("192.0.2.7"):
        invite(workspace, "member", "Ben", 7, actor=ada)
    edit_workspace(workspace, WorkspaceFields("Other"), actor=ada)

    page = client.get(f"{PAGE}?{query}").content.decode()
    shown = page.partition('id="events-found"')[2]
    assert [word for word in ("invited", "renamed the workspace") if word in shown] == found


def test_events_come_in_portions_and_each_once(client_for, workspace, ada, django_assert_max_num_queries):
    client = client_for(ada)
    AuditEvent.objects.all().delete()
    same = now()
    for number in range(120):
        audit.record(workspace, AuditAction.ADD_PROVIDER, actor=ada, subject=f"server-{number:03}")
    # Many events at one moment must not be lost between two portions.
    AuditEvent.objects.all().update(at=same)

    seen: list[str] = []
    query = ""
    for _ in range(3):
        with django_assert_max_num_queries(6):
            page = client.get(f"{PAGE}?{query}").content.decode()
        seen += [f"server-{number:03}" for number in range(119, -1, -1) if f"server-{number:03}<" in page]
        query = f"after={page.rpartition('after=')[2].partition('&quot;')[0].partition(chr(34))[0]}"
    assert seen == [f"server-{number:03}" for number in range(119, -1, -1)]


def test_it_is_exported_whole_and_the_export_is_noted(client_for, workspace, ada):
    client = client_for(ada)
    AuditEvent.objects.all().delete()
    audit.record(
        workspace, AuditAction.ADD_PROVIDER, actor=ada, subject="=1+1", after={"address": "http://a"}
    )

    def sent(form: str) -> str:
        response = client.get(f"{PAGE}export/?as={form}")

        async def read() -> bytes:
            return b"".join([piece async for piece in response.streaming_content])

        return async_to_sync(read)().decode()

    rows = list(csv.DictReader(StringIO(sent("csv").removeprefix("\ufeff"))))
    assert [row["action"] for row in rows] == ["exports.audit", "models.add_provider"]
    assert rows[1]["subject"] == "'=1+1"
    assert json.loads(rows[1]["after"]) == {"address": "http://a"}
    lines = [json.loads(line) for line in sent("jsonl").splitlines()]
    assert [line["action"] for line in lines] == ["exports.audit", "exports.audit", "models.add_provider"]
    assert lines[2]["subject"] == "=1+1"
    assert client.get(f"{PAGE}export/?as=exe").status_code == 404


def test_others_of_the_workspace_and_other_workspaces_see_nothing(client_for, workspace, bob, carol, ada):
    edit_workspace(workspace, WorkspaceFields("Other"), actor=ada)
    for path in (PAGE, f"{PAGE}export/"):
        assert client_for(bob).get(path).status_code == 403
        assert client_for(carol).get(path).status_code == 404
    theirs = carol.memberships.get().workspace
    page = client_for(carol).get(f"/w/{theirs.slug}/audit/").content.decode()
    assert "renamed the workspace" not in page


def test_events_end_with_their_retention(client_for, workspace, alice, ada):
    edit_workspace(workspace, WorkspaceFields("Old"), actor=ada)
    AuditEvent.objects.update(at=now() - timedelta(days=31))
    purge_audit_events()
    assert len(told()) == 1

    client = client_for(alice)
    assert client.post(f"{PAGE}retention/", {"days": "30"}).status_code == 302
    purge_audit_events()
    assert not AuditEvent.objects.filter(action="settings.rename").exists()
    assert AuditEvent.objects.filter(action="settings.audit_retention").exists()
    for refused in ("0", "29", "3651", "-1", "1e9", "x"):
        answer = client.post(f"{PAGE}retention/", {"days": refused})
        assert answer.status_code == 200
        assert 'class="errors' in answer.content.decode(), refused
    assert client_for(ada).post(f"{PAGE}retention/", {"days": "30"}).status_code == 403


def test_retention_ends_nothing_elsewhere(workspace, alice, ada, carol):
    theirs = carol.memberships.get().workspace
    edit_workspace(theirs, WorkspaceFields("Theirs"), actor=carol)
    AuditEvent.objects.update(at=now() - timedelta(days=400))
    set_audit_retention(workspace, 30, actor=alice)
    purge_audit_events()
    assert AuditEvent.objects.filter(workspace=theirs).count() == 1


@pytest.mark.django_db(transaction=True)
def test_events_go_to_the_log_after_the_commit(settings, caplog, workspace, ada):
    settings.AUDIT_TO_LOG = True
    logger = logging.getLogger("audit")
    logger.addHandler(caplog.handler)
    try:
        with transaction.atomic():
            edit_workspace(workspace, WorkspaceFields("Näme"), actor=ada)
            assert not caplog.records
        line = json.loads(caplog.records[0].getMessage())
    finally:
        logger.removeHandler(caplog.handler)
    assert (line["action"], line["after"]) == ("settings.rename", {"name": "Näme"})
