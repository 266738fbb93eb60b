from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.exceptions import ResetUnusable
from accounts.flows.reset_password import make_reset_code, reset_password
from accounts.models import Membership, Role, Workspace

NEW = "an entirely new password"

pytestmark = pytest.mark.django_db


def link_page(member, slug: str = "acme") -> str:
    return f"/w/{slug}/people/{member.memberships.get(workspace__slug=slug).pk}/link/"


def test_a_member_sets_a_new_password_with_an_admins_link(client, client_for, ada, bob):
    elsewhere = client_for(bob)
    shown = client_for(ada).get(link_page(bob))
    link = shown.context["link"].removeprefix("http://testserver")
    assert shown.headers["Cache-Control"].startswith("max-age=0")
    assert b"bob@" in client.get(link).content

    answer = client.post(link, {"password": NEW})

    assert answer.url == "/"
    assert client.get("/profile/").context["user"] == bob
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    # A changed password ends every other session.
    assert elsewhere.get("/profile/").status_code == 302
    assert Client().get(link).status_code == 410


def test_a_weak_password_is_refused_and_the_link_still_works(client, bob):
    link = f"/reset/{make_reset_code(bob)}/"

    assert "password" in client.post(link, {"password": "12345"}).context["form"].errors
    assert client.post(link, {}).status_code == 200
    assert client.post(link, {"password": NEW}).status_code == 302


@pytest.mark.parametrize(
    "spoil",
    [
        lambda code, user: code[:-1] + ("a" if code[-1] != "a" else "b"),
        lambda code, user: "zz" + code[code.index("-") :],
        lambda code, user: "9" * 40 + code,
        lambda code, user: "é-" + code,
        lambda code, user: code.replace("-", ""),
        lambda code, user: "-",
    ],
)
def test_a_spoiled_link_changes_nothing(client, bob, spoil):
    link = f"/reset/{spoil(make_reset_code(bob), bob)}/"

    assert client.get(link).status_code == 410
    assert client.post(link, {"password": NEW}).status_code == 410
    bob.refresh_from_db()
    assert not bob.check_password(NEW)


def test_a_link_ends_with_a_sign_in_and_with_the_account(client, bob):
    before = make_reset_code(bob)
    client.post("/sign-in/", {"login": bob.email, "password": "correct horse battery"})
    client.force_login(bob)
    assert client.get(f"/reset/{before}/").status_code == 410

    bob.refresh_from_db()
    code = make_reset_code(bob)
    bob.is_active = False
    bob.save()
    assert Client().get(f"/reset/{code}/").status_code == 410


def test_a_link_ends_after_a_day(client, bob, monkeypatch):
    from datetime import datetime, timedelta

    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    code = make_reset_code(bob)
    monkeypatch.setattr(
        PasswordResetTokenGenerator, "_now", lambda self: datetime.now() + timedelta(hours=24, minutes=1)
    )

    assert client.get(f"/reset/{code}/").status_code == 410


def test_one_link_sets_one_password(bob):
    code = make_reset_code(bob)
    reset_password(code, NEW)

    with pytest.raises(ResetUnusable):
        reset_password(code, "a second password")


@pytest.mark.parametrize(("who", "whom"), [("ada", "alice"), ("ada", "ada"), ("alice", "alice")])
def test_nobody_makes_a_link_for_an_owner_above_them_or_for_themselves(request, client_for, who, whom):
    people = {name: request.getfixturevalue(name) for name in {"alice", who, whom}}

    assert client_for(people[who]).get(link_page(people[whom])).status_code == 403


@pytest.mark.parametrize(
    ("actors_role", "their_role", "is_made"),
    [
        (None, Role.VIEWER, False),
        (Role.MEMBER, Role.VIEWER, False),
        (Role.ADMIN, Role.MEMBER, True),
        (Role.ADMIN, Role.OWNER, False),
        (Role.OWNER, Role.OWNER, True),
    ],
)
def test_a_link_opens_no_workspace_that_the_admin_does_not_manage(
    client_for, ada, bob, actors_role, their_role, is_made
):
    other = Workspace.objects.create(slug="other", name="Other")
    Membership.objects.create(workspace=other, user=bob, role=their_role)
    if actors_role:
        Membership.objects.create(workspace=other, user=ada, role=actors_role)
    client = client_for(ada)

    answer = client.get(link_page(bob))

    assert answer.status_code == (200 if is_made else 302)
    if not is_made:
        assert b"manage.py reset_password" in client.get(answer.url).content


def test_a_superusers_password_is_the_operators_business(client_for, ada, bob):
    bob.is_superuser = True
    bob.save()

    assert client_for(ada).get(link_page(bob)).status_code == 302


def test_the_command_prints_a_link(client, bob, settings):
    out, said = StringIO(), StringIO()
    call_command("reset_password", " Bob@Example.org ", stdout=out, stderr=said)

    link = out.getvalue().strip()
    assert link.startswith(f"{settings.PUBLIC_ORIGIN}/reset/")
    assert client.post(link.removeprefix(settings.PUBLIC_ORIGIN), {"password": NEW}).status_code == 302


def test_the_command_names_an_unknown_address():
    with pytest.raises(CommandError, match=r"No account signs in with nobody@example\.org"):
        call_command("reset_password", "nobody@example.org")
