"""Items of the library that are private or shared: those without access to one find it nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Group, Role
from chat.exceptions import ExperimentHalted, ShareRefused
from chat.flows.build_cell import member_for
from chat.flows.delete_account import delete_account
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.flows.share_with_group import share_with_group
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.library_access import ITEMS
from chat.models import Access, OutputSchema, Prompt, PromptShare, PromptUse, TableOfCases, Tool, Variant
from chat.pages.found_elsewhere import found_elsewhere
from chat.pages.library import found_in
from chat.pages.new_experiment import choices_for
from chat.pages.result_sources import result_schema
from chat.prompts.content import PromptContent
from chat.relays import background
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.chat.experiments import cities, experiment_of, run_through, table_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def member(user):
    return user.memberships.get()


@pytest.fixture
def prompt(workspace, alice) -> Prompt:
    return add_prompt(workspace, PromptFields("Zebra", "", PromptContent("About zebras.")), actor=alice)


@pytest.fixture
def items(workspace, alice, prompt) -> list[Any]:
    """Return one item of each kind, all private."""
    of = {"workspace": workspace, "created_by": alice, "name": "zebra", "schema": "{}"}
    tool = Tool.objects.create(**of, result_schema='{"type": "string"}')
    schema = OutputSchema.objects.create(**of)
    table = table_of(workspace, alice, [["zebra", "x"]])
    table.name = "Zebra"
    table.save()
    made = [prompt, tool, schema, table]
    for item in made:
        type(item).objects.update(workspace_access=Access.NONE)
    return made


def seen_by(user, client_for) -> dict[str, bool]:
    """Return where somebody comes across what is called Zebra."""
    slug, of = member(user).workspace.slug, member(user)
    client = client_for(user)
    pages = {
        name: "zebra" in client.get(reverse(f"chat:{name}", args=[slug])).content.decode().lower()
        for name in ("prompts", "pick_prompt", "tools", "tables")
    }
    return {
        **pages,
        "search": bool(found_elsewhere(of, "zebra")),
        "experiments": any("Zebra" in label for _, label in choices_for(of).prompts),
        "tools of a chat": bool(found_in(of, Tool)),
        "schemas of a chat": bool(found_in(of, OutputSchema)),
        "schema of a result": result_schema(of, "zebra") is not None,
    }


def test_what_is_private_is_nowhere_for_others_until_it_is_shared(items, alice, bob, workspace, client_for):
    assert all(seen_by(alice, client_for).values())
    assert not any(seen_by(bob, client_for).values())
    for item in items:
        share_with_member(item, alice, member(bob), can_write=False)
    assert all(seen_by(bob, client_for).values())
    for item in items:
        stop_sharing(item, alice, member(bob))
    assert not any(seen_by(bob, client_for).values())
    group = Group.objects.create(workspace=workspace, name="Zoo")
    group.members.add(member(bob))
    for item in items:
        share_with_group(item, alice, group, can_write=True)
    assert all(seen_by(bob, client_for).values())
    group.members.clear()
    assert not any(seen_by(bob, client_for).values())
    assert AuditEvent.objects.filter(action__startswith="sharing.").count() == 12


def test_lists_show_only_what_was_shared_with_the_reader(items, alice, bob, prompt, client_for, workspace):
    add_prompt(workspace, PromptFields("Quagga", "", PromptContent("x")), actor=alice)
    share_with_member(prompt, alice, member(bob), can_write=False)
    url = reverse("chat:prompts", args=[workspace.slug])
    html = client_for(bob).get(url).content.decode()
    assert "Quagga" in html and "From Alice" in html
    shared = client_for(bob).get(url, {"shared": "me"}).content.decode()
    assert "Zebra" in shared and "Quagga" not in shared
    own = client_for(alice).get(url).content.decode()
    assert ">Shared<" in own
    for name in ("tools", "tables"):
        page = client_for(bob).get(reverse(f"chat:{name}", args=[workspace.slug]), {"shared": "me"})
        assert "Nobody has shared" in page.content.decode()


@pytest.mark.parametrize("name", ["prompts", "tools", "tables", "pick_prompt"])
def test_lists_need_the_same_statements_for_any_number(
    name, items, alice, bob, workspace, client_for, django_assert_max_num_queries
):
    client, url = client_for(bob), reverse(f"chat:{name}", args=[workspace.slug])
    for number in range(12):
        fields = {"workspace": workspace, "created_by": alice, "name": f"x{number}"}
        for kind in ITEMS.values():
            item: Any = kind._default_manager.create(**fields, workspace_access=Access.NONE)
            item.shares.create(member=member(bob))
    client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url)


def test_a_name_that_is_private_is_free_for_others(prompt, alice, bob, workspace, client_for):
    share_with_workspace(prompt, alice, Access.NONE)
    own = add_prompt(workspace, PromptFields("Zebra", "", PromptContent("x")), actor=bob)
    with pytest.raises(ShareRefused, match="Rename one of them"):
        share_with_workspace(prompt, alice, Access.READ)
    prompt.refresh_from_db()
    assert prompt.workspace_access == Access.NONE
    url = reverse("chat:share_item_with_everyone", args=[workspace.slug, "prompt", prompt.code])
    answer = client_for(alice).post(url, {"access": "read"}, headers=HTMX)
    assert answer.status_code == 422 and b"Rename one of them first" in answer.content
    share_with_workspace(own, bob, Access.NONE)
    share_with_workspace(prompt, alice, Access.READ)


def test_the_dialog_finds_people_and_says_what_changed(prompt, alice, bob, ada, workspace, client_for):
    client = client_for(alice)
    group = Group.objects.create(workspace=workspace, name="Design")
    names = ("", "_with_everyone", "_with_person", "_with_group")
    of = [workspace.slug, "prompt", prompt.code]
    dialog, everyone, person, to_group = (reverse(f"chat:share_item{name}", args=of) for name in names)
    page = client.get(reverse("chat:prompt", args=[workspace.slug, prompt.code])).content.decode()
    assert dialog in page and "Everyone in Acme Research can change it." in page
    html = client.get(dialog, headers=HTMX).content.decode()
    assert all(each in html for each in (everyone, person, to_group, "Bob", "Design"))
    assert reverse("chat:prompt", args=[workspace.slug, prompt.code]) in html and "Public" not in html
    found = client.get(reverse("chat:people_for_item", args=of), {"q": "bob"}, headers=HTMX)
    assert b"Bob" in found.content and b"Design" not in found.content

    said = [
        client.post(url, data, headers=HTMX).content.decode()
        for url, data in (
            (everyone, {"access": "none"}),
            (person, {"person": member(bob).pk, "access": "write"}),
            (to_group, {"group": group.code, "access": "read"}),
            (to_group, {"group": group.code, "access": "none"}),
        )
    ]
    assert "Only the people on the list" in said[0] and "Private: only you can see it." in said[0]
    assert "Bob can change it now." in said[1] and "Shared with the people on your list." in said[1]
    assert "Design can read it now." in said[2] and "Design no longer has access." in said[3]
    assert [share.member_id for share in PromptShare.objects.all()] == [member(bob).pk]
    # Only the owner shares, also where others may write.
    assert client_for(bob).get(dialog, headers=HTMX).status_code == 403
    assert client_for(ada).get(dialog, headers=HTMX).status_code == 404
    reading = client_for(bob).get(reverse("chat:prompt", args=[workspace.slug, prompt.code]))
    assert b"It is shared with you, and you can change it." in reading.content


def test_a_reader_uses_a_prompt_and_cannot_change_it(prompt, alice, bob, workspace, client_for, catalogue):
    share_with_workspace(prompt, alice, Access.NONE)
    share_with_member(prompt, alice, member(bob), can_write=False)
    client, url = client_for(bob), reverse("chat:prompt", args=[workspace.slug, prompt.code])
    html = client.get(url).content.decode()
    assert (
        "It is shared with you for reading." in html
        and 'primary">Save<' not in html
        and "delete/" not in html
    )
    assert client.post(url, {"name": "Mine", "edits": "1"}).status_code == 403
    use = client.post(reverse("chat:use_prompt", args=[workspace.slug, prompt.code]))
    assert use.status_code == 302 and PromptUse.objects.get().member == bob
    stop_sharing(prompt, alice, member(bob))
    assert client.get(url).status_code == 404
    # The page keeps what was typed, and nothing tells that the prompt still exists.
    answer = client.post(url, {"name": "Mine", "edits": "1"})
    assert answer.status_code == 404 and "Mine" in answer.content.decode()


def test_experiments_follow_the_access_to_their_table(
    prompt, alice, bob, ada, workspace, endpoint, client_for, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    table = table_of(workspace, alice, cities(2))
    experiment = experiment_of(table, endpoint, alice)
    Variant.objects.filter(experiment=experiment).update(prompt=prompt)
    [run, _] = run_through(experiment, lambda run: "An answer")
    pages = [
        reverse("chat:experiment", args=[workspace.slug, table.code, 1]),
        reverse("chat:exchanges", args=[run.code]),
    ]
    uses = reverse("chat:prompt_uses", args=[workspace.slug, prompt.code])
    assert [client_for(bob).get(page).status_code for page in pages] == [200, 200]
    assert str(table.code) in client_for(bob).get(uses).content.decode()

    share_with_workspace(table, alice, Access.NONE)
    assert [client_for(bob).get(page).status_code for page in pages] == [404, 404]
    assert str(table.code) not in client_for(bob).get(uses).content.decode()
    share_with_member(table, alice, member(bob), can_write=False)
    assert [client_for(bob).get(page).status_code for page in pages] == [200, 200]
    start = reverse("chat:new_experiment", args=[workspace.slug, table.code])
    assert client_for(bob).get(start).status_code == 403

    # An experiment goes no further once its person may no longer write.
    assert member_for(alice, table) == member(alice)
    with pytest.raises(ExperimentHalted, match="Bob may no longer change this test table"):
        member_for(bob, table)


def test_what_nobody_else_can_reach_goes_with_an_account(items, alice, bob, prompt):
    type(member(bob)).objects.filter(user=bob).update(role=Role.OWNER)
    share_with_member(prompt, alice, member(bob), can_write=True)
    delete_account(actor=alice)
    assert list(Prompt.objects.all()) == [prompt]
    assert not Tool.objects.exists() and not OutputSchema.objects.exists()
    assert not TableOfCases.objects.exists()
