"""The list of conversations: portions, groups, marks and menus."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from chat.flows.place_conversation import place_conversation
from chat.models import Access, Conversation, Placement, Run
from chat.pages.list_part import PORTION, ListCursor, ListPart
from chat.pages.sidebar import conversation_list

pytestmark = pytest.mark.django_db

PINNED, ARCHIVED = Placement.Place.PINNED, Placement.Place.ARCHIVED
SHARED = Access.WRITE
HEADING = re.compile(r'<h2 class="sidebar-heading">([^<]*)</h2>')
ROW = re.compile(r'id="row-([0-9a-f-]{36})"')
MORE = re.compile(r'data-more hx-get="([^"]*)"')


def make(workspace, owner, number: int, **fields) -> list[Conversation]:
    """Make conversations, the newest first, three of each at the same moment, over three months."""
    moment = now()
    return Conversation.objects.bulk_create(
        [
            Conversation(
                workspace=workspace,
                owner=owner,
                title=f"Talk {place}",
                folded_title=f"talk {place}",
                updated_at=moment - timedelta(hours=18 * (place // 3)),
                **fields,
            )
            for place in range(number)
        ]
    )


def expected(conversations: list[Conversation]) -> list[str]:
    ordered = sorted(conversations, key=lambda each: (each.updated_at, each.pk), reverse=True)
    return [str(each.code) for each in ordered]


@pytest.fixture
def membership(workspace, alice):
    return alice.memberships.select_related("user", "workspace").get(workspace=workspace)


@pytest.fixture
def page_of(client_for, workspace):
    """Return the list as a person gets it."""

    def get(person, **query) -> str:
        response = client_for(person).get(reverse("chat:search", args=[workspace.slug]), query)
        assert response.status_code == 200
        return str(response.content.decode())

    return get


@pytest.mark.parametrize("query", ["", "talk"])
def test_the_portions_are_the_whole_list_and_no_heading_repeats(workspace, alice, page_of, client_for, query):
    conversations = make(workspace, alice, 2 * PORTION + 20)
    html = page_of(alice, q=query)
    seen, headings = ROW.findall(html), HEADING.findall(html)
    assert len(seen) == PORTION
    while more := MORE.search(html):
        # A row that comes in meanwhile neither repeats another one nor hides it.
        make(workspace, alice, 1)
        html = client_for(alice).get(more[1].replace("&amp;", "&")).content.decode()
        seen += ROW.findall(html)
        headings += HEADING.findall(html)
    assert seen == expected(conversations)
    assert len(headings) == len(set(headings)) > 3


def test_a_list_that_fits_ends_without_a_button(workspace, alice, page_of):
    make(workspace, alice, PORTION)
    assert "Show more" not in page_of(alice)
    make(workspace, alice, 1)
    assert "Show more" in page_of(alice)


def test_an_unfolded_list_is_brought_up_to_date_as_far_as_it_was_unfolded(workspace, alice, page_of):
    conversations = make(workspace, alice, 150)
    assert ROW.findall(page_of(alice, shown="140")) == expected(conversations)[:140]
    assert len(ROW.findall(page_of(alice, shown="3"))) == PORTION


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"after": "-1--1"},
        {"after": "9" * 400 + "-1"},
        {"after": "9" * 16 + "-" + "9" * 18},
        {"after": "١-٢"},
        {"after": "0-0"},
        {"shown": "x"},
        {"shown": "-5"},
        {"shown": "9" * 400},
        {"shown": "٣"},
        {"current": "x"},
        {"archived": "x"},
    ],
    ids=str,
)
def test_nonsense_in_an_address_does_nothing(conversation, alice, page_of, query):
    page_of(alice, **query)


def test_a_cursor_is_read_as_it_was_written(conversation):
    cursor = ListCursor(conversation.updated_at, conversation.pk)
    assert ListCursor.parse(str(cursor)) == cursor


def test_pinned_ones_are_on_top_and_archived_ones_elsewhere(workspace, alice, bob, page_of):
    make(workspace, alice, 6, workspace_access=SHARED)
    first, second, *_, last = Conversation.objects.all()
    place_conversation(last, alice, PINNED)
    place_conversation(first, alice, ARCHIVED)
    place_conversation(second, bob, ARCHIVED)

    html = page_of(alice)
    assert HEADING.findall(html)[0] == "Pinned"
    assert ROW.findall(html)[0] == str(last.code)
    assert ROW.findall(html).count(str(last.code)) == 1
    assert str(first.code) not in html
    assert "?archived=true" in html
    assert ROW.findall(page_of(alice, archived="true")) == [str(first.code)]
    # Bob's list is his own.
    assert ROW.findall(page_of(bob, archived="true")) == [str(second.code)]
    assert "Pinned" not in HEADING.findall(page_of(bob))
    # A search finds all of them, where they are by their dates.
    found = page_of(alice, q="talk")
    assert len(ROW.findall(found)) == 6
    assert found.count(">Archived<") == 1
    assert "Pinned" not in HEADING.findall(found)


def test_nothing_leads_to_an_empty_archive(conversation, alice, page_of):
    assert "archived=true" not in page_of(alice)
    assert "Nothing is archived." in page_of(alice, archived="true")


def test_a_new_message_leaves_it_archived(conversation, alice, page_of):
    place_conversation(conversation, alice, ARCHIVED)
    Conversation.objects.update(updated_at=now())
    assert ROW.findall(page_of(alice)) == []


@pytest.mark.parametrize(
    ("query", "place"), [({}, ""), ({}, PINNED), ({"archived": "true"}, ARCHIVED), ({"q": "talk"}, "")]
)
def test_a_row_costs_no_query(
    workspace, alice, membership, page_of, django_assert_max_num_queries, query, place
):
    for conversation in make(workspace, alice, 45, workspace_access=SHARED):
        place_conversation(conversation, alice, place)
    part = ListPart(query.get("q", ""), "archived" in query)
    with django_assert_max_num_queries(5 if "q" in query else 3):
        listed = conversation_list(membership, part=part)
    assert sum(len(group.rows) for group in listed.groups) == 45
    # The menu of all rows is not among them.
    html = page_of(alice, **query)
    assert len(html) < 45 * 1_600
    assert "menuitem" not in html


def test_what_is_shared_is_marked_for_its_owner_and_for_others(workspace, conversation, alice, bob, page_of):
    assert "Shared" not in page_of(alice)
    Conversation.objects.update(workspace_access=SHARED)
    page = " ".join(page_of(alice).split())
    assert '<span class="visually-hidden">Shared with others</span>' in page
    assert "Shared by Alice" in page_of(bob)
    Run.objects.update(status=Run.Status.RUNNING)
    for person in (alice, bob):
        assert "live-dot" in page_of(person)
        assert "Shared" in page_of(person)


@pytest.mark.parametrize(
    ("who", "items"),
    [
        ("alice", ["Rename", "Pin", "Archive", "Export…", "Delete"]),
        ("bob", ["Rename", "Pin", "Archive", "Export…"]),
        ("vera", ["Pin", "Archive", "Export…"]),
    ],
)
def test_its_menu_has_what_this_person_may_do(conversation, client_for, request, who, items):
    Conversation.objects.update(workspace_access=SHARED)
    person = request.getfixturevalue(who)
    address = reverse("chat:menu", args=[conversation.code])

    def shown() -> list[str]:
        html = client_for(person).get(address).content.decode()
        return re.findall(r"</svg>([^<]+)</button>", html)

    assert [item for item in shown() if not item.startswith("Share")] == items
    for place, changed in ((PINNED, "Unpin"), (ARCHIVED, "Unarchive")):
        place_conversation(conversation, person, place)
        assert changed in shown()


@pytest.mark.parametrize("is_open", [True, False])
def test_a_change_shows_the_list_and_the_header_of_the_open_conversation(
    conversation, second_run, alice, client_for, is_open
):
    shown = conversation if is_open else second_run.thread
    client = client_for(alice)
    for name, data in (("rename", {"title": "Another name"}), ("place", {"place": "pinned"})):
        html = client.post(
            reverse(f"chat:{name}", args=[conversation.code]),
            {**data, "current": str(shown.code)},
            headers={"HX-Request": "true"},
        ).content.decode()
        assert (f'id="header-{conversation.code}"' in html) is is_open
        assert f'id="row-{shown.code}" href="/c/{shown.code}/" aria-current="page"' in html
        assert "Another name" in html


def test_the_open_conversation_says_that_it_is_archived(conversation, alice, client_for):
    client, address = client_for(alice), reverse("chat:conversation", args=[conversation.code])
    place = reverse("chat:place", args=[conversation.code])
    assert "You archived this conversation" not in client.get(address).content.decode()
    answer = client.post(place, {"place": "archived"}, headers={"HX-Request": "true"}).content.decode()
    assert "You archived this conversation" in answer
    assert "data-undo" not in answer
    # Elsewhere, a toast says it.
    elsewhere = client.post(place, {"place": "archived", "current": ""}, headers={"HX-Request": "true"})
    assert "data-undo" in elsewhere.content.decode()
    assert "You archived this conversation" in client.get(address).content.decode()
    answer = client.post(place, {"place": ""}, headers={"HX-Request": "true"}).content.decode()
    assert "You archived this conversation" not in answer


def test_a_place_that_does_not_exist_is_refused(conversation, alice, client_for):
    place = reverse("chat:place", args=[conversation.code])
    assert client_for(alice).post(place, {"place": "upstairs"}).status_code == 400
    assert not Placement.objects.exists()
