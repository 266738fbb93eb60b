from __future__ import annotations

import pytest

from accounts.flows.add_to_group import add_to_group
from accounts.flows.create_group import create_group
from accounts.models import Group, Membership, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(workspace, alice) -> Group:
    return create_group(workspace, "Design", actor=alice)


@pytest.fixture
def page(group) -> str:
    return f"/w/acme/groups/{group.code}/"


@pytest.fixture
def crowd(workspace) -> list[Membership]:
    """Two hundred members."""
    users = User.objects.bulk_create(
        User(email=f"person{number:03}@example.org", name=f"Person {number:03}") for number in range(200)
    )
    return Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in users)


@pytest.fixture
def many(workspace, crowd) -> list[Group]:
    """Fifty groups of all members."""
    groups = [Group.objects.create(workspace=workspace, name=f"Group {number:02}") for number in range(50)]
    for group in groups:
        group.members.set(crowd)
    return groups


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _names(answer) -> list[str]:
    return [member.user.name for member in answer.context["page"]]


def _said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_an_admin_creates_a_group_and_adds_a_member(client_for, ada, bob):
    client = client_for(ada)

    made = client.post("/w/acme/groups/create/", {"name": "  Data \u202e team "}, follow=True)
    group = Group.objects.get()
    assert (group.name, group.created_by) == ("Data team", ada)
    assert "Nobody is in this group yet." in _text(made)
    added = client.post(f"{made.request['PATH_INFO']}add/", {"member": bob.memberships.get().pk}, follow=True)

    assert _said(added) == ["Added Bob to Data team."]
    assert _names(added) == ["Bob"]
    assert '<td data-label="Members" class="number">1</td>' in _text(client.get("/w/acme/groups/"))


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u202e", "n" * 61, "DESIGN"])
@pytest.mark.parametrize("at", ["create", "rename"])
def test_a_name_that_cannot_be_is_refused_at_its_field(client_for, workspace, alice, group, name, at):
    create_group(workspace, "Sales", actor=alice)
    path = "/w/acme/groups/create/"
    if at == "rename":
        path = f"/w/acme/groups/{Group.objects.get(name='Sales').code}/rename/"
    answer = client_for(alice).post(path, {"name": name})

    assert answer.status_code == 200
    assert answer.context["form"].errors["name"]
    assert 'aria-invalid="true"' in _text(answer)
    if name == "DESIGN":
        assert "There is a group “Design” already. Choose another name." in _text(answer)
    assert set(Group.objects.values_list("name", flat=True)) == {"Design", "Sales"}


def test_a_group_is_renamed(client_for, alice, group, page):
    answer = client_for(alice).post(f"{page}rename/", {"name": "design"}, follow=True)

    assert _said(answer) == ["The group is now called design."]
    group.refresh_from_db()
    assert group.name == "design"


def test_a_group_is_deleted(client_for, alice, group, page):
    answer = client_for(alice).post(f"{page}delete/", follow=True)

    assert _said(answer) == ["Deleted the group Design."]
    assert "There are no groups." in _text(answer)
    assert client_for(alice).get(page).status_code == 404


def test_a_member_is_removed_and_the_next_row_has_the_focus(client_for, alice, ada, bob, vera, group, page):
    add_to_group(group, [user.memberships.get() for user in (alice, ada, bob, vera)], actor=alice)
    data = {"member": ada.memberships.get().pk, "row": "0"}

    answer = client_for(alice).post(f"{page}remove/", data, follow=True)

    assert _said(answer) == ["Removed Ada from Design."]
    assert (_names(answer), answer.context["focused_row"]) == (["Alice", "Bob", "Vera"], 0)
    data = {"member": vera.memberships.get().pk, "row": "2"}
    assert client_for(alice).post(f"{page}remove/", data, follow=True).context["focused_row"] == 1


@pytest.mark.parametrize("way", ["add", "remove"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "Choose a person."),
        ("x", "This person is not a member of Acme Research."),
        ("9" * 30, "This person is not a member of Acme Research."),
        ("stranger", "This person is not a member of Acme Research."),
    ],
)
def test_a_person_who_is_not_a_member_is_named_so(client_for, alice, carol, group, page, way, value, said):
    value = str(carol.memberships.get().pk) if value == "stranger" else value

    answer = client_for(alice).post(f"{page}{way}/", {"member": value}, follow=True)

    assert _said(answer) == [said]
    assert not group.members.exists()


def test_a_change_that_has_been_made_already_is_said(client_for, alice, bob, group, page):
    client, data = client_for(alice), {"member": bob.memberships.get().pk}

    client.post(f"{page}add/", data, follow=True)
    assert _said(client.post(f"{page}add/", data, follow=True)) == ["Bob is in Design already."]
    client.post(f"{page}remove/", data, follow=True)
    assert _said(client.post(f"{page}remove/", data, follow=True)) == ["Bob is not in Design."]


def test_everybody_found_is_added_at_once(client_for, alice, crowd, group, page):
    client = client_for(alice)
    searched = client.get(page, {"who": "PÉRSON01"})
    assert "Add all 10 found" in _text(searched)
    assert "2 more. Type a name to find them." in _text(searched)

    answer = client.post(f"{page}add/", {"found": "PÉRSON01"}, follow=True)

    assert _said(answer) == ["Added 10 people to Design."]
    assert _names(answer) == [f"Person {number:03}" for number in range(10, 20)]
    assert "Nobody outside of this group matches." in _text(client.get(page, {"who": "PÉRSON01"}))


def test_whoever_is_in_the_group_is_not_offered(client_for, alice, bob, vera, group, page):
    add_to_group(group, [bob.memberships.get(), vera.memberships.get()], actor=alice)
    client = client_for(alice)

    offered = [member.user for member in client.get(page).context["people"].found]
    assert offered == [alice]
    add_to_group(group, [alice.memberships.get()], actor=alice)
    assert "Everyone in Acme Research is in this group." in _text(client.get(page))


def test_a_change_returns_to_the_same_part_of_the_list(client_for, alice, bob, group, page):
    data = {"member": bob.memberships.get().pk, "q": "per", "page": "2", "row": "7"}

    assert client_for(alice).post(f"{page}add/", data).url == f"{page}?q=per&page=2&focus=search"
    assert client_for(alice).post(f"{page}remove/", data).url == f"{page}?q=per&page=2&focus=7"


@pytest.mark.parametrize("focus", ["9" * 5000, "²", "-1", "search\0", "<b>"])
def test_no_focus_breaks_the_page(client_for, alice, page, focus):
    assert client_for(alice).get(page, {"focus": focus}).status_code == 200


def test_members_see_their_own_groups_and_not_the_others(
    client_for, workspace, alice, bob, vera, group, page
):
    create_group(workspace, "Management", actor=alice)
    add_to_group(group, [bob.memberships.get(), alice.memberships.get()], actor=alice)

    mine = _text(client_for(bob).get("/w/acme/groups/"))
    assert "Your groups" in mine and "Design" in mine
    assert '<td data-label="Members" class="number">2</td>' in mine
    assert "Management" not in mine and page not in mine and "Create" not in mine
    assert "You are not in a group." in _text(client_for(vera).get("/w/acme/groups/"))
    assert client_for(bob).get(page).status_code == 403


def test_the_people_page_names_groups(client_for, workspace, alice, bob, vera, group):
    sales = create_group(workspace, "Sales", actor=alice)
    for one in (group, sales):
        add_to_group(one, [bob.memberships.get()], actor=alice)
    add_to_group(group, [vera.memberships.get()], actor=alice)

    assert "Groups: Design, Sales<" in _text(client_for(alice).get("/w/acme/people/"))
    assert "Group: Design<" in _text(client_for(alice).get("/w/acme/people/"))
    bobs = _text(client_for(bob).get("/w/acme/people/"))
    assert "Groups: Design, Sales<" in bobs and "Group: Design<" not in bobs


def test_two_hundred_members_in_fifty_groups_cost_one_question(
    client_for, alice, many, django_assert_max_num_queries
):
    client = client_for(alice)

    with django_assert_max_num_queries(13):
        people = client.get("/w/acme/people/")
    assert "Groups: Group 00, Group 01, Group 02, Group 03, Group 04 and 45 more" in _text(people)
    with django_assert_max_num_queries(8):
        listed = client.get("/w/acme/groups/")
    assert [row.size for row in listed.context["page"]] == [200] * 50
    with django_assert_max_num_queries(9):
        found = client.get(f"/w/acme/groups/{many[0].code}/", {"page": "4"})
    assert _names(found)[-1] == "Person 199"


def test_groups_are_found_and_come_in_pages(client_for, workspace, alice, many):
    create_group(workspace, "Équipe Zoë", actor=alice)
    client = client_for(alice)

    def names(**query: str) -> list[str]:
        return [row.group.name for row in client.get("/w/acme/groups/", query).context["page"]]

    assert names(q="zoe EQUIPE") == ["Équipe Zoë"]
    assert names(page="2") == ["Équipe Zoë"]
    assert len(names(q="group")) == 50
    assert names(q="nothing like it") == []
    assert "No groups match." in _text(client.get("/w/acme/groups/", {"q": "nothing like it"}))


def test_a_group_of_another_workspace_is_not_found(client_for, alice, carol):
    other = create_group(carol.memberships.get().workspace, "Theirs", actor=carol)
    client = client_for(alice)

    assert client.get(f"/w/acme/groups/{other.code}/").status_code == 404
    for way in ("rename", "delete", "add", "remove"):
        path = f"/w/acme/groups/{other.code}/{way}/"
        assert client.post(path, {"member": alice.memberships.get().pk, "name": "Ours"}).status_code == 404
    other.refresh_from_db()
    assert other.name == "Theirs"


def test_a_name_is_text_and_not_markup(client_for, alice, bob, group, page):
    add_to_group(group, [bob.memberships.get()], actor=alice)
    client = client_for(alice)
    client.post(f"{page}rename/", {"name": "<b>{{ 7 }}</b>"})

    for path in (page, "/w/acme/groups/", "/w/acme/people/"):
        text = _text(client.get(path))
        assert "&lt;b&gt;{{ 7 }}&lt;/b&gt;" in text and "<b>{{" not in text
