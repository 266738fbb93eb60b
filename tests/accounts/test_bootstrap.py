from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(settings):
    settings.ADMIN_EMAIL = "Root@Example.org"
    settings.ADMIN_PASSWORD = ""
    settings.WORKSPACE_NAME = "Blue Sky Lab"
    settings.PUBLIC_ORIGIN = "https://chat.example.org"
    return settings


def _run() -> str:
    out = StringIO()
    call_command("bootstrap", stdout=out)
    return out.getvalue()


def test_it_makes_an_owner_who_can_sign_in_with_what_it_prints(first):
    printed = _run()

    membership = Membership.objects.get()
    assert (membership.workspace.slug, membership.role) == ("blue-sky-lab", Role.OWNER)
    found = re.search(r"Password (\S+)", printed)
    assert found
    assert authenticate(None, email="root@example.org", password=found[1]) == membership.user
    assert "https://chat.example.org" in printed
    assert "root@example.org" in printed


def test_the_second_time_it_changes_nothing_and_prints_no_password(first):
    _run()
    before = list(User.objects.values())

    printed = _run()

    assert list(User.objects.values()) == before
    assert "root@example.org" in printed
    assert "Password" not in printed


def test_a_given_password_is_used_and_not_repeated(first):
    first.ADMIN_PASSWORD = "orange tractor lake"

    printed = _run()

    assert "orange" not in printed
    assert authenticate(None, email="root@example.org", password="orange tractor lake")


@pytest.mark.parametrize(
    ("email", "password"), [("root@example.org", "short"), ("nobody", "orange tractor lake")]
)
def test_it_refuses_what_could_not_sign_in(first, email, password):
    first.ADMIN_EMAIL, first.ADMIN_PASSWORD = email, password

    with pytest.raises(CommandError, match=r"ADMIN_EMAIL or ADMIN_PASSWORD: \w"):
        _run()
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


def test_somebody_who_is_there_becomes_the_owner_with_their_own_password(first):
    User.objects.create_user("root@example.org", "their own password")

    printed = _run()

    assert "Password" not in printed
    assert authenticate(None, email="root@example.org", password="their own password")
    assert Membership.objects.get().role == Role.OWNER


def test_it_leaves_other_workspaces_alone(first, alice):
    printed = _run()

    assert "alice@example.org" in printed
    assert Membership.objects.count() == 1


def test_a_name_without_letters_still_gets_an_address(first):
    first.WORKSPACE_NAME = "研究"

    _run()

    assert Workspace.objects.get().slug == "team"
