"""Limits of every kind as admins set them: the form, the page of one limit, exemptions, and the time zone."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.set_limit import add_limit
from accounts.ledger import Amounts
from accounts.models import ApiKey, Group, Limit, LimitExemption, LimitRaise, Membership, User
from playground.models import Provider, UpstreamModel

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/limits/"
NEW = {"subject": "everybody", "amount": "500", "unit": "credits", "period": "day"}


@pytest.fixture
def limit(workspace, alice) -> Limit:
    return add_limit(Limit(workspace=workspace, unit="credits", period="day", amount=500), actor=alice)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"unit": "usd", "amount": "0.0000001"}, "amount"),
        ({"unit": "usd", "amount": "1e9"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"notify_at": "80, 101"}, "notify_at"),
        ({"notify_at": "0"}, "notify_at"),
        ({"notify_at": "a"}, "notify_at"),
        ({"notify_at": "1 2 3 4 5 6"}, "notify_at"),
        ({"notify_at": "9" * 5000}, "notify_at"),
        ({"model_pattern": "x" * 201}, "model_pattern"),
        ({"subject": "role:king"}, "subject"),
        ({"subject": "role-each:"}, "subject"),
        ({"subject": "group:00000000-0000-0000-0000-000000000000"}, "subject"),
        ({"subject": "key:00000000-0000-0000-0000-000000000000"}, "subject"),
    ],
)
def test_it_says_what_is_wrong_with_the_rest_of_the_form(client_for, ada, given, field):
    answer = client_for(ada).post(f"{PAGE}add/", NEW | given)

    assert set(answer.context["form"].errors) == {field}
    assert not Limit.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"subject": "each", "unit": "usd", "amount": "5", "model_pattern": "gpt-*"},
            "Each member may spend at most $5.00 per day for gpt-*, counted from 00:00 UTC.",
        ),
        (
            {
                "subject": "role-each:viewer",
                "unit": "requests",
                "amount": "1",
                "period": "minute",
            },
            "Each with the role viewer may use at most 1 request per minute, counted from",
        ),
        (
            {"unit": "concurrent", "amount": "3"},
            "All members together may have at most 3 requests at once.",
        ),
        (
            {"subject": "role:member", "unit": "usd", "amount": "0", "provider_code": "openai"},
            "All with the role member together may not spend anything at openai at all.",
        ),
        (
            {"subject": "each", "unit": "requests", "amount": "2", "period": "hour", "lets_wait": "on"},
            "counted from the start of each hour. Prompts that come too early wait.",
        ),
        (
            {"unit": "concurrent", "amount": "3", "lets_wait": "on"},
            "may have at most 3 requests at once. Prompts that come too early wait.",
        ),
        (
            {"is_soft": "on", "period": "week", "unit": "input_tokens", "amount": "1000"},
            "All members together may go on when 1,000 input tokens per week are used; people are told, and",
        ),
    ],
)
def test_every_kind_of_limit_is_added_and_said_in_a_sentence(client_for, ada, given, sentence):
    client = client_for(ada)

    assert sentence in client.get(f"{PAGE}preview/", NEW | given).content.decode()
    answer = client.post(f"{PAGE}add/", NEW | given, follow=True)

    assert sentence in answer.content.decode()
    [limit] = Limit.objects.all()
    assert limit.amount == float(given["amount"]) * (2_000_000 if given["unit"] == "usd" else 1)
    assert limit.notify_at == []
    assert client.get(f"{PAGE}{limit.code}/").status_code == 200


def test_groups_and_keys_can_be_limited(client_for, ada, bob, workspace):
    group = Group.objects.create(workspace=workspace, name="Design")
    key = ApiKey.objects.create(workspace=workspace, provider_code="openai", token="", last4="x7Qa")
    client = client_for(ada)

    for subject in (f"group:{group.code}", f"group-each:{group.code}", f"key:{key.code}"):
        assert client.post(f"{PAGE}add/", NEW | {"subject": subject}).status_code == 302

    names = [limit.who for limit in Limit.objects.order_by("pk")]
    assert names == ["Design together", "Each member of Design", "Key openai …x7Qa"]
    text = client.get(f"{PAGE}subjects/", {"who": "des"}).content.decode()
    assert text.count('name="subject"') == 3


def test_the_end_of_a_members_own_key_is_shown_to_nobody_else(client_for, ada, bob, workspace):
    key = ApiKey.objects.create(
        workspace=workspace, member=bob, provider_code="openai", token="", last4="b0b0"
    )
    client = client_for(ada)
    client.post(f"{PAGE}add/", NEW | {"subject": f"key:{key.code}"})

    for page in (PAGE, f"{PAGE}{Limit.objects.get().code}/", f"{PAGE}subjects/?who=openai"):
        text = client.get(page).content.decode()
        assert "openai (own key of Bob)" in text and "b0b0" not in text


def test_models_are_suggested_as_a_search_finds_them(client_for, ada, workspace):
    provider = Provider.objects.create(
        code="own", name="Our server", base_url="http://10.0.0.1/v1", workspace=workspace
    )
    UpstreamModel.objects.bulk_create(
        UpstreamModel(provider=provider, model_id=f"own/{'large' if n % 2 else 'small'}-{n}", name=f"No. {n}")
        for n in range(60)
    )
    client = client_for(ada)

    def suggested(pattern: str) -> list[str]:
        answer = client.get(f"{PAGE}models/", {"model_pattern": pattern})
        return re.findall(r'<option value="own/([^"]+)">', answer.content.decode())

    assert len(suggested("own")) == 20
    assert suggested("LARGE-5*") == ["large-5", "large-51", "large-53", "large-55", "large-57", "large-59"]
    assert suggested("own/*small*48") == suggested("no. 48") == ["small-48"]
    assert suggested("large\0-57") == ["large-57"]
    assert suggested("' OR 1=1") == suggested("%") == []
    page = client.get(PAGE).content.decode()
    assert '<option value="own">Our server</option>' in page
    assert "own/large" not in page


def test_an_amount_in_dollars_is_changed_in_dollars(client_for, ada, workspace):
    limit = Limit.objects.create(workspace=workspace, unit="usd", period="day", amount=10_500_000)
    client = client_for(ada)
    assert 'value="5.25"' in client.get(PAGE).content.decode()

    client.post(f"{PAGE}{limit.code}/change/", {"amount": "0.5"})

    limit.refresh_from_db()
    assert limit.amount == 1_000_000


def test_somebody_is_exempted_and_counted_again(client_for, ada, alice, bob, workspace, limit):
    group = Group.objects.create(workspace=workspace, name="Design")
    group.members.add(Membership.objects.get(user=alice))
    client, page = client_for(ada), f"{PAGE}{limit.code}/"

    for subject in (str(bob.pk), f"group:{group.code}", f"group:{group.code}"):
        client.post(f"{page}exempt/", {"subject": subject})

    assert ledger.allowances(workspace, bob) == ledger.allowances(workspace, alice) == []
    assert len(ledger.allowances(workspace, ada)) == 1
    text = client.get(page).content.decode()
    assert text.count('name="exemption"') == 2
    for number in re.findall(r'name="exemption" value="(\d+)"', text):
        client.post(f"{page}exempt/end/", {"exemption": number})
    assert len(ledger.allowances(workspace, bob)) == 1


@pytest.mark.parametrize("subject", ["", "each", "role:viewer", "0", "x"])
def test_only_people_and_groups_are_exempted(client_for, ada, limit, subject):
    answer = client_for(ada).post(f"{PAGE}{limit.code}/exempt/", {"subject": subject}, follow=True)

    assert "Choose the person or the group to exempt." in answer.content.decode()
    assert not LimitExemption.objects.exists()


def test_the_page_of_a_limit_names_those_who_have_used_most(client_for, ada, alice, bob, workspace):
    limit = Limit.objects.create(
        workspace=workspace, counts_each=True, unit="usd", period="day", amount=10_000_000
    )
    LimitRaise.objects.create(limit=limit, member=bob, amount=2_000_000, ends_at=now() + timedelta(hours=1))
    for person, credits in ((alice, 2_000_000), (bob, 6_000_000)):
        ledger.hold(uuid.uuid4(), workspace, person, Amounts(credits=credits, tokens=1))

    text = html.unescape(client_for(ada).get(f"{PAGE}{limit.code}/").content.decode())

    assert "Each member may spend at most $5.00 per day, counted from 00:00 UTC." in text
    assert text.index("$3.00 left") < text.index("$4.00 left")
    assert "$1.00 added for a while" in text
    assert "by Bob, most of all" in client_for(ada).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("Europe/Berlin", True), ("UTC", True), ("Mars/Base", False), ("../etc/passwd", False), ("", False)],
)
def test_the_time_zone_of_periods_is_set(client_for, ada, workspace, given, is_taken):
    answer = client_for(ada).post(f"{PAGE}periods/", {"time_zone": given, "week_starts_on": "6"})

    workspace.refresh_from_db()
    assert (answer.status_code == 302) is is_taken
    assert (workspace.time_zone, workspace.week_starts_on) == ((given, 6) if is_taken else ("UTC", 0))


@pytest.mark.parametrize(
    "given", [{"period": "day"}, {"period": "hour", "is_soft": "on"}, {"unit": "concurrent", "is_soft": "on"}]
)
def test_prompts_wait_for_no_limit_that_does_not_offer_it(client_for, ada, given):
    client = client_for(ada)
    fields = NEW | {"unit": "requests", "lets_wait": "on"} | given
    assert "wait" not in client.get(f"{PAGE}preview/", fields).content.decode()

    client.post(f"{PAGE}add/", fields)

    limit = Limit.objects.get()
    assert not limit.lets_wait
    url = f"{PAGE}{limit.code}/"
    assert "Let them wait" not in client.get(url).content.decode()
    answer = client.post(f"{url}wait/", {"lets_wait": "yes"}, follow=True)
    assert "can&#x27;t wait for this limit" in answer.content.decode()
    limit.refresh_from_db()
    assert not limit.lets_wait


def test_the_page_of_a_limit_lets_prompts_wait_and_refuses_them_again(client_for, ada, workspace):
    limit = Limit.objects.create(workspace=workspace, unit="requests", period="minute", amount=3)
    client, url = client_for(ada), f"{PAGE}{limit.code}/"
    assert "They are refused." in client.get(url).content.decode()

    page = client.post(f"{url}wait/", {"lets_wait": "yes"}, follow=True).content.decode()
    assert "Prompts that come too early wait now." in page
    assert "They wait above the composer" in page
    assert "Prompts that come too early wait" in client.get(PAGE).content.decode()

    page = client.post(f"{url}wait/", {"lets_wait": "no"}, follow=True).content.decode()
    assert "Prompts that come too early are refused now." in page
    limit.refresh_from_db()
    assert not limit.lets_wait


def test_few_of_many_groups_and_keys_are_offered_and_a_search_finds_the_others(client_for, ada, workspace):
    Group.objects.bulk_create(
        Group(workspace=workspace, name=f"Team {n:02}", name_key=f"team {n:02}") for n in range(30)
    )
    people = User.objects.bulk_create(User(email=f"p{n}@example.org", name=f"P {n}") for n in range(30))
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in people)
    ApiKey.objects.bulk_create(
        ApiKey(workspace=workspace, member=user, provider_code="openai", token="") for user in people
    )
    client = client_for(ada)

    def offered(words: str) -> str:
        return str(client.get(f"{PAGE}subjects/", {"who": words}).content.decode())

    every = offered("")
    assert every.count('name="subject"') == 24 + 8
    assert "99 more. Type a name to find them." in every
    assert offered("team 29").count('name="subject"') == 2 + 1
    assert "openai (own key of P 17)" in offered("openai 17")


def test_raises_are_shown_in_pages(client_for, ada, workspace, limit):
    ends_at = now() + timedelta(days=1)
    LimitRaise.objects.bulk_create(LimitRaise(limit=limit, amount=n, ends_at=ends_at) for n in range(1, 21))
    client = client_for(ada)

    assert len(client.get(PAGE).context["raises"]) == 15
    last = client.get(PAGE, {"raises": "2", "q": "member"})
    assert len(last.context["raises"]) == 5
    assert "?q=member&amp;raises=1#raises-heading" in last.content.decode()
    assert len(client.get(PAGE, {"raises": "x\0"}).context["raises"]) == 15
