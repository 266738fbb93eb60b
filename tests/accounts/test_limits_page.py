from __future__ import annotations

import html
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import ledger
from accounts.flows.set_limit import add_limit
from accounts.ledger import Amounts
from accounts.models import (
    Limit,
    LimitWindow,
    Membership,
    User,
)

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/limits/"
NEW = {"subject": "everybody", "amount": "500", "unit": "credits", "period": "day"}


@pytest.fixture
def limit(workspace, alice) -> Limit:
    return add_limit(Limit(workspace=workspace, unit="credits", period="day", amount=500), actor=alice)


@pytest.fixture
def posts(limit):
    return {
        f"{PAGE}add/": NEW | {"period": "month"},
        f"{PAGE}{limit.code}/change/": {"amount": "9"},
        f"{PAGE}{limit.code}/delete/": {},
    }


def test_it_shows_what_is_used(client_for, ada, bob, workspace, limit):
    ledger.hold(uuid.uuid4(), workspace, bob, Amounts(credits=120, tokens=1))

    text = client_for(ada).get(PAGE).content.decode()

    assert "All members together" in text
    assert "(120 credits) held" in text
    assert 'value="0.2400"' in text
    assert 'value="500"' in text
    assert "credits per day ($0.00025)" in text


@pytest.mark.parametrize(
    ("used", "meter", "words"),
    [
        (399, "meter ", ""),
        (400, "meter is-near", "80 % used"),
        (420, "meter is-near", "84 % used"),
        (499, "meter is-near", "99 % used"),
        (500, "meter is-full", "limit reached"),
    ],
)
@pytest.mark.parametrize("page", ["/w/acme/limits/", "/w/acme/usage/", "/w/acme/"])
def test_a_nearly_used_limit_is_amber_and_a_used_one_red_and_words_say_so(
    client_for, bob, workspace, limit, page, used, meter, words
):
    ledger.hold(uuid.uuid4(), workspace, bob, Amounts(credits=used, tokens=1))

    text = client_for(bob).get(page).content.decode()

    assert f'<progress class="{meter}" max="1"' in text
    said = re.findall(r'<span class="fullness is-\w+">([^<]*)</span>', text)
    assert [each.removeprefix("100 % used, ") for each in said] == ([words] if words else [])


def test_many_limits_at_the_start_of_a_day_are_as_few_queries_as_two(client_for, ada, bob, workspace, limit):
    ledger.hold(uuid.uuid4(), workspace, bob, Amounts(credits=120, tokens=1))
    client = client_for(ada)

    def queries() -> int:
        # There was no run since midnight.
        LimitWindow.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            assert "(120 credits) held" in client.get(PAGE).content.decode()
        return len(queries)

    def limit_another_person(number: int) -> None:
        user = User.objects.create_user(f"user-{number}@example.org", "a long password")
        Membership.objects.create(workspace=workspace, user=user)
        add_limit(
            Limit(workspace=workspace, member=user, unit="credits", period="day", amount=500), actor=ada
        )

    # Limits of everybody and those of some people are added up apart.
    limit_another_person(0)
    with_few = queries()
    for number in range(1, 20):
        limit_another_person(number)

    assert queries() == with_few


def test_it_adds_one_for_all_and_one_for_a_member(client_for, ada, bob, workspace):
    client = client_for(ada)

    assert client.post(f"{PAGE}add/", NEW).url == PAGE
    answer = client.post(f"{PAGE}add/", NEW | {"subject": bob.pk, "amount": "50"}, follow=True)

    sentence = "Bob may use at most $0.000025 (50 credits) per day, counted from 00:00 UTC."
    assert sentence in answer.content.decode()
    found = {(limit.member, limit.amount, limit.created_by) for limit in Limit.objects.all()}
    assert found == {(None, 500, ada), (bob, 50, ada)}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.5"}, "amount"),
        ({"amount": "1" + "0" * 16}, "amount"),
        ({"subject": ""}, "subject"),
        ({"subject": "0"}, "subject"),
        ({"subject": "9" * 30}, "subject"),
        ({"subject": "\N{SUPERSCRIPT TWO}"}, "subject"),
        ({"unit": "apples"}, "unit"),
        ({"period": "year"}, "period"),
    ],
)
def test_it_says_what_is_wrong_at_the_field(client_for, ada, change, field):
    answer = client_for(ada).post(f"{PAGE}add/", NEW | change)

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert "to preview the limit" not in answer.content.decode()
    assert not Limit.objects.exists()


def test_it_limits_members_only(client_for, ada, carol):
    answer = client_for(ada).post(f"{PAGE}add/", NEW | {"subject": carol.pk})

    assert set(answer.context["form"].errors) == {"subject"}
    assert not Limit.objects.exists()


def test_a_new_limit_begins_with_the_member_of_the_address(client_for, ada, bob):
    text = client_for(ada).get(PAGE, {"member": bob.pk}).content.decode()

    assert re.search(r"data-chosen>\s*Bob<", text)
    assert f'value="{bob.pk}" checked' in text
    assert re.search(r'<input type="number" name="amount"[^>]* autofocus', text)


@pytest.mark.parametrize(
    "key", ["", "0", "9" * 30, "\N{SUPERSCRIPT TWO}", "'\"<b>", "\0", "group:x", "key:x", None]
)
def test_an_address_of_nobody_here_begins_with_each_member(client_for, ada, carol, key):
    answer = client_for(ada).get(PAGE, {"member": carol.pk if key is None else key})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="each" checked' in text
    assert "carol" not in text.lower()
    assert "autofocus" not in text


def test_a_second_of_a_kind_is_refused_in_words(client_for, ada, limit):
    answer = client_for(ada).post(f"{PAGE}add/", NEW | {"amount": "7"})

    text = answer.content.decode()
    assert "exists already: $0.00025 (500 credits) per day." in text
    # The preview still says what the form asks for.
    assert "All members together may use at most $0.0000035 (7 credits) per day" in text
    assert Limit.objects.get().amount == 500


@pytest.mark.parametrize("is_personal", [True, False])
def test_a_refusal_leads_to_the_limit_that_is_there(client_for, ada, bob, workspace, many, is_personal):
    bobs = add_limit(
        Limit(workspace=workspace, member=bob, unit="credits", period="day", amount=5), actor=ada
    )
    theirs = Limit.objects.get(member=None)
    client = client_for(ada)

    refused = client.post(f"{PAGE}add/", NEW | ({"subject": bob.pk} if is_personal else {}))

    expected = bobs if is_personal else theirs
    link = re.search(r'<a href="([^"]+)"\s+autofocus>Change it</a>', refused.content.decode())
    assert link
    address, _, place = html.unescape(link[1]).partition("#")
    found = client.get(address)
    assert [row.limit for row in found.context["page"]] == [expected]
    assert f'id="{place}"' in found.content.decode()


def test_it_says_what_a_limit_would_mean(client_for, ada, bob):
    client = client_for(ada)

    def said(**change: object) -> str:
        answer = client.get(f"{PAGE}preview/", NEW | {"subject": bob.pk} | change)
        return str(answer.content.decode()).strip()

    assert said() == "Bob may use at most $0.00025 (500 credits) per day, counted from 00:00 UTC."
    assert said(unit="tokens") == "Bob may use at most 500 tokens per day, counted from 00:00 UTC."
    assert said(amount="0") == "Bob may not use any credits at all."
    assert "Enter a number" in client.get(f"{PAGE}preview/", {"amount": "x"}).content.decode()


def test_it_changes(client_for, ada, limit):
    client_for(ada).post(f"{PAGE}{limit.code}/change/", {"amount": "700"})

    assert Limit.objects.get().amount == 700


def test_a_change_of_a_row_returns_to_its_place_in_the_list(client_for, ada, limit):
    client = client_for(ada)
    filters = {"q": "together", "having": "credits", "sort": "share", "page": "3"}

    changed = client.post(f"{PAGE}{limit.code}/change/", {"amount": "9"} | filters)
    removed = client.post(f"{PAGE}{limit.code}/delete/", filters, follow=True)

    query = "?q=together&having=credits&sort=share&page=3"
    assert changed.url == PAGE + query
    assert removed.redirect_chain == [(PAGE + query, 302)]
    told = "Removed the limit of $0.0000045 (9 credits) per day. It was for: All members together."
    assert told in removed.content.decode()


def test_a_change_that_means_nothing_changes_nothing(client_for, ada, limit):
    answer = client_for(ada).post(f"{PAGE}{limit.code}/change/", {"amount": "lots"}, follow=True)

    assert "changed. " in answer.content.decode()
    assert Limit.objects.get().amount == 500


def test_it_deletes(client_for, ada, limit):
    assert client_for(ada).post(f"{PAGE}{limit.code}/delete/").url == PAGE

    assert not Limit.objects.exists()


def _who(client, **filters: str) -> list[str]:
    return [row.limit.who for row in client.get(PAGE, filters).context["page"]]


@pytest.fixture
def many(workspace, alice, bob, vera) -> None:
    """A limit of Bob's, of which 90 % are used, one of Vera's, and one for all."""
    add_limit(
        Limit(workspace=workspace, member=vera, unit="requests", period="month", amount=5000), actor=alice
    )
    add_limit(Limit(workspace=workspace, member=bob, unit="tokens", period="day", amount=100), actor=alice)
    add_limit(Limit(workspace=workspace, unit="credits", period="day", amount=10**6), actor=alice)
    ledger.hold(uuid.uuid4(), workspace, bob, Amounts(credits=10, tokens=90))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["All members together", "Bob", "Vera"]),
        ({"sort": "share"}, ["Bob", "All members together", "Vera"]),
        ({"sort": "kind"}, ["All members together", "Bob", "Vera"]),
        ({"having": "tokens"}, ["Bob"]),
        ({"q": "BÓB@example"}, ["Bob"]),
        ({"q": "all members"}, ["All members together"]),
        ({"q": "5000"}, ["Vera"]),
        ({"q": "5,000 per month"}, ["Vera"]),
        ({"q": "nobody"}, []),
        ({"sort": "<b>", "having": "'", "page": "x"}, []),
        ({"page": "99"}, ["All members together", "Bob", "Vera"]),
    ],
)
def test_it_searches_and_sorts(client_for, ada, many, filters, found):
    assert _who(client_for(ada), **filters) == found


def test_what_is_nearly_used_is_amber_and_said_in_words(client_for, ada, many):
    text = client_for(ada).get(PAGE).content.decode()

    assert text.count('class="meter is-near"') == 1
    assert "90 % used" in text
    assert "Less than 1 % used" in text
    assert "0 % used" in text


def test_200_limits_are_shown_in_pages(client_for, ada, workspace):
    users = User.objects.bulk_create(User(email=f"m{n}@example.org", name=f"M {n:03}") for n in range(200))
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in users)
    Limit.objects.bulk_create(
        Limit(workspace=workspace, member=user, unit="credits", period="day", amount=5) for user in users
    )
    client = client_for(ada)

    text = client.get(PAGE, {"q": "m", "page": "2"}).content.decode()

    assert "200 limits" in text
    assert "21 to 40 of 200" in text
    assert "?q=m&amp;page=3" in text
    assert len(_who(client, page="10")) == 20
    # The form for a new limit names few of the people, and a search finds the others.
    assert text.count('type="radio" name="subject"') == 18
    found = client.get(f"{PAGE}subjects/", {"who": "m 19", "subject": users[0].pk}).content.decode()
    assert "M 119" in found
    assert f'value="{users[0].pk}" checked' in found
    assert "4 more" in found
    nobody = client.get(f"{PAGE}subjects/", {"who": "zzz", "subject": "everybody"}).content.decode()
    assert "Nobody else matches." in nobody
    assert 'value="everybody" checked' in nobody


def test_nobody_of_another_workspace_is_offered(client_for, ada, carol):
    client = client_for(ada)

    for given in ({}, {"who": "carol"}, {"subject": carol.pk}):
        assert "carol@" not in client.get(f"{PAGE}subjects/", given).content.decode()


def test_a_limit_of_another_workspace_is_not_found(client_for, ada, carol):
    other = add_limit(
        Limit(workspace=carol.memberships.get().workspace, unit="credits", period="day", amount=500),
        actor=carol,
    )

    for action in ("change", "delete"):
        answer = client_for(ada).post(f"{PAGE}{other.code}/{action}/", {"amount": "1"})
        assert answer.status_code == 404
    assert Limit.objects.get().amount == 500


def test_a_role_without_the_right_gets_a_403(client_for, bob, vera, posts):
    for user in (bob, vera):
        client = client_for(user)
        assert client.get(f"{PAGE}preview/").status_code == 403
        assert client.get(f"{PAGE}subjects/").status_code == 403
        for path, data in posts.items():
            assert client.post(path, data).status_code == 403, path
    assert Limit.objects.get().amount == 500


def test_a_member_sees_what_binds_them_and_can_change_nothing(client_for, ada, alice, bob, workspace, limit):
    add_limit(Limit(workspace=workspace, member=bob, unit="tokens", period="day", amount=7777), actor=ada)
    add_limit(Limit(workspace=workspace, member=alice, unit="tokens", period="day", amount=8888), actor=ada)

    text = client_for(bob).get(PAGE).content.decode()

    assert "$0.00025 (500 credits) per day" in text
    assert "7,777 tokens per day" in text
    assert "8,888" not in text
    assert "<form" not in text.partition("<main")[2]


def test_a_stranger_gets_a_404(client_for, carol, posts):
    client = client_for(carol)
    assert client.get(PAGE).status_code == client.get(f"{PAGE}preview/").status_code == 404
    assert client.get(f"{PAGE}subjects/").status_code == 404
    for path, data in posts.items():
        assert client.post(path, data).status_code == 404, path


def test_signed_out_it_asks_to_sign_in(client, posts):
    assert client.get(PAGE).url == f"/sign-in/?next={PAGE}"
    for path, data in posts.items():
        assert client.post(path, data).url.startswith("/sign-in/"), path


def test_other_methods_are_refused(client_for, ada, posts):
    client = client_for(ada)
    assert client.post(PAGE).status_code == client.post(f"{PAGE}preview/").status_code == 405
    for path in posts:
        assert client.get(path).status_code == 405, path
