"""Several workspaces of one person: creating one, its name and icon, and the one that was used last."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import get_membership_for
from accounts.models import AuditAction, AuditEvent, Colour, Membership, Role, User, Workspace
from chat.models import Conversation
from chat.pages.model_choice import ready_models
from playground import env
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs

pytestmark = pytest.mark.django_db

NEW, HOME = reverse("accounts:new_workspace"), reverse("chat:home")
GREEN = {"colour": "green"}
EDIT = reverse("chat:edit_workspace", args=["acme"])


def test_an_admin_creates_one_and_is_its_owner(ada, client_for):
    response = client_for(ada).post(NEW, {"name": " Blue \n Sky ", "icon": "🚀", "colour": "violet"})
    created = Workspace.objects.get(slug="blue-sky")
    assert response.headers["Location"] == reverse("accounts:people", args=["blue-sky"])
    assert (created.name, created.mark, created.colour) == ("Blue Sky", "🚀", Colour.VIOLET)
    people = Membership.objects.filter(workspace=created)
    assert list(people.values_list("user", "role")) == [(ada.pk, Role.OWNER)]
    ada.refresh_from_db()
    assert ada.last_workspace == created
    event = AuditEvent.objects.get(workspace=created)
    assert (event.action, event.actor) == (AuditAction.CREATE_WORKSPACE, ada)
    # The people of the other workspace learn nothing of it.
    assert not AuditEvent.objects.filter(workspace__slug="acme", action=AuditAction.CREATE_WORKSPACE).exists()


def test_it_can_be_used_at_once(ada, catalogue, client_for):
    client = client_for(ada)
    client.post(NEW, {"name": "Blue Sky", **GREEN})
    page = client.get(reverse("chat:new", args=["blue-sky"])).content.decode()
    assert 'aria-label="Prompt"' in page
    assert ready_models(get_membership_for(ada, "blue-sky"))


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("ADMINS", {"owner", "admin"}),
        ("EVERYBODY", {"owner", "admin", "member", "viewer", "nobody"}),
        ("NOBODY", set()),
    ],
)
def test_the_installation_decides_who_may(policy, allowed, alice, ada, bob, vera, client_for, settings):
    settings.CREATE_WORKSPACES = policy
    nobody = User.objects.create_user("nobody@example.org", "x")
    people = {"owner": alice, "admin": ada, "member": bob, "viewer": vera, "nobody": nobody}
    for who, user in people.items():
        client = client_for(user)
        assert client.get(NEW).status_code == (200 if who in allowed else 403), who
        assert (client.post(NEW, {"name": who, **GREEN}).status_code == 302) == (who in allowed)
        start = client.get(HOME, follow=True).content.decode()
        assert (NEW in start) == (who in allowed), who
    assert Workspace.objects.count() == 1 + len(allowed)


def test_another_word_stops_the_start(monkeypatch):
    monkeypatch.setenv("CREATE_WORKSPACES", "anyone")
    with pytest.raises(ImproperlyConfigured, match="ADMINS, EVERYBODY, NOBODY"):
        env.choice("CREATE_WORKSPACES", "ADMINS", ("ADMINS", "EVERYBODY", "NOBODY"))


def test_equal_names_and_names_of_other_scripts_get_addresses_of_their_own(alice, client_for):
    client = client_for(alice)
    for name in ("Acme", "Acme", "研究", "研究", "<b>&</b>", "../../x"):
        assert client.post(NEW, {"name": name, **GREEN}).status_code == 302
    slugs = list(Workspace.objects.values_list("slug", flat=True))
    assert len(set(slugs)) == 7
    assert all(client.get(reverse("chat:new", args=[slug])).status_code == 200 for slug in slugs)
    assert "<b>&</b>" not in client.get(HOME, follow=True).content.decode()


def test_one_person_creates_no_more_than_twenty_in_an_hour(alice, client_for, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "new_workspace": "1/h/user"}
    client = client_for(alice)
    assert client.post(NEW, {"name": "One", **GREEN}).status_code == 302
    assert client.post(NEW, {"name": "Two", **GREEN}).status_code == 429
    assert not Workspace.objects.filter(name="Two").exists()


@pytest.mark.parametrize("icon", ["ABC", "🚀🚀", "<", "\u202e", "🇳"])
def test_an_icon_that_is_none_is_refused(icon, alice, workspace, client_for):
    response = client_for(alice).post(EDIT, {"name": "Acme", "icon": icon, "colour": "blue"})
    workspace.refresh_from_db()
    assert workspace.icon == ""
    # An invisible character leaves nothing, as everywhere.
    assert ("Enter a single emoji" in response.content.decode()) == (icon != "\u202e")


def test_of_two_admins_who_save_one_form_the_second_is_told(alice, ada, workspace, client_for):
    shown = {"seen_name": "Acme Research", "seen_icon": "", "seen_colour": "green"}
    assert client_for(ada).post(EDIT, {"name": "By Ada", "icon": "A", **GREEN, **shown}).status_code == 302

    client = client_for(alice)
    page = client.post(EDIT, {"name": "By Alice", "icon": "B", **GREEN, **shown}).content.decode()

    workspace.refresh_from_db()
    assert (workspace.name, workspace.icon) == ("By Ada", "A")
    assert "Ada (ada@example.org) changed this while the page was open." in page
    # Her words stay in the form, and the next click replaces the values that she was told of.
    assert 'value="By Alice"' in page
    assert '<input type="hidden" name="seen_name" value="By Ada"' in page
    again = {"seen_name": "By Ada", "seen_icon": "A", "seen_colour": "green"}
    assert client.post(EDIT, {"name": "By Alice", "icon": "B", **GREEN, **again}).status_code == 302
    workspace.refresh_from_db()
    assert workspace.name == "By Alice"


@pytest.fixture
def second(alice) -> Workspace:
    second = Workspace.objects.create(slug="second", name="Second", icon="🚀", colour=Colour.PINK)
    Membership.objects.create(workspace=second, user=alice, role=Role.VIEWER)
    return second


def test_a_person_starts_where_they_were_last(alice, second, conversation, client_for):
    client = client_for(alice)
    assert client.get(HOME).headers["Location"] == reverse("chat:new", args=["acme"])
    client.get(reverse("chat:new", args=["second"]))
    assert client.get(HOME).headers["Location"] == reverse("chat:new", args=["second"])
    client.get(reverse("chat:conversation", args=[conversation.code]))
    assert client.get(HOME).headers["Location"] == reverse("chat:new", args=["acme"])
    client.get(reverse("chat:new", args=["second"]))
    Membership.objects.filter(workspace=second).delete()
    assert client.get(HOME).headers["Location"] == reverse("chat:new", args=["acme"])


def test_the_switcher_costs_no_statement_more_and_the_last_one_is_stored_once(
    alice, second, catalogue, client_for, django_assert_num_queries
):
    client, url = client_for(alice), reverse("chat:new", args=["second"])
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        page = client.get(url).content.decode()
    assert not [each for each in before.captured_queries if each["sql"].startswith("UPDATE")]
    for number in range(30):
        other = Workspace.objects.create(slug=f"w{number}", name=f"Team {number}")
        Membership.objects.create(workspace=other, user=alice)
    with django_assert_num_queries(len(before)):
        client.get(url)
    assert page.count('data-colour="pink"') == 2
    assert 'href="/w/acme/"' in page
    assert "Viewer" in page


def test_a_conversation_stays_in_its_workspace(alice, second, conversation, client_for):
    listed = client_for(alice).get(reverse("chat:new", args=["second"])).content.decode()
    assert Conversation.objects.get().title not in listed
