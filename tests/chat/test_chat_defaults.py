"""Defaults of new chats: which model and which system prompt a new chat begins with."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.flows.save_key import save_key
from accounts.models import Membership, Workspace
from chat.flows.set_chat_default import set_chat_default
from chat.flows.set_system_prompt import keep_for_new_chat
from chat.models import ChatDefault, Draft, Run
from chat.pages.composer import draft_of
from chat.relays import background
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLAIN, REASONING, TOOLS = "demo/plain", "demo/reasoning", "demo/tools"


@pytest.fixture(autouse=True)
def not_relayed(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def set_default(workspace, alice, catalogue):
    """Set the default of a member, or without one of the workspace."""

    def store(member, model_id: str = "", system_text: str = "") -> None:
        model = UpstreamModel.objects.get(model_id=model_id) if model_id else None
        set_chat_default(workspace, member, model, system_text, actor=member or alice)

    return store


@pytest.fixture
def opened(client_for, catalogue):
    """Return what a person's new chat begins with: the model and the system prompt."""

    def get(person, address: str = "/w/acme/") -> tuple[str, str]:
        context = client_for(person).get(address).context
        return context["model"].model_id, context["system"].text

    return get


@pytest.fixture
def post(client_for):
    def post(person, name: str, **data: Any):
        answer = client_for(person).post(reverse(f"chat:{name}", args=["acme"]), data, headers=HTMX)
        assert answer.status_code == 200
        return answer

    return post


@pytest.fixture
def send(post):
    def send(person, model_id: str, **data: Any) -> Run:
        endpoint = Endpoint.objects.get(model__model_id=model_id, kind="chat/completions")
        post(person, "start", text="Hi", idempotency_key=uuid.uuid4(), endpoint=endpoint.pk, **data)
        return Run.objects.latest("pk")

    return send


@pytest.mark.parametrize(
    ("own", "shared", "used", "picked", "wins"),
    [
        ("", "", "", "", "the first"),
        ("", "", TOOLS, "", TOOLS),
        ("", REASONING, "", "", REASONING),
        ("", REASONING, TOOLS, "", REASONING),
        (PLAIN, REASONING, TOOLS, "", PLAIN),
        (PLAIN, "", TOOLS, "", PLAIN),
        (PLAIN, REASONING, "", TOOLS, TOOLS),
        ("", REASONING, PLAIN, TOOLS, TOOLS),
    ],
)
def test_the_model(bob, opened, set_default, post, send, own, shared, used, picked, wins):
    first, _ = opened(bob)
    set_default(bob, own)
    set_default(None, shared)
    if used:
        send(bob, used)
    if picked:
        post(bob, "configure_new", model=picked)

    assert opened(bob)[0] == (first if wins == "the first" else wins)
    # The usual model of links that name none is the same.
    assert opened(bob, "/try?prompt=Hi")[0] == opened(bob)[0]


@pytest.mark.parametrize(
    ("own", "shared", "kept", "wins"),
    [
        ("", "", None, ("", "")),
        ("", "Shared.", None, ("Shared.", "workspace")),
        ("Own.", "Shared.", None, ("Own.", "member")),
        ("Own.", "", None, ("Own.", "member")),
        ("Own.", "Shared.", "Kept.", ("Kept.", "")),
        # An emptied box stays empty.
        ("Own.", "Shared.", "", ("", "")),
    ],
)
def test_the_system_prompt(bob, client_for, opened, set_default, post, send, own, shared, kept, wins):
    set_default(bob, "", own)
    set_default(None, "", shared)
    if kept is not None:
        post(bob, "keep_system", system_text=kept)
    page = client_for(bob).get("/w/acme/")
    assert (page.context["system"].text, page.context["system"].default_of) == wins

    # A browser without scripts posts the prompt alone; the chat that follows begins with the defaults again.
    assert send(bob, PLAIN).thread.system_text == wins[0]
    assert opened(bob)[1] == (own or shared)


def test_the_owner_of_a_default_is_named(bob, client_for, set_default):
    set_default(None, "", "Be <b>brief</b>.")
    page = " ".join(client_for(bob).get("/w/acme/").content.decode().split())
    assert "the default of <bdi>Acme Research</bdi>" in page
    assert "Be &lt;b&gt;brief&lt;/b&gt;." in page
    set_default(bob, "", "Be kind.")
    assert "your default" in client_for(bob).get("/w/acme/").content.decode()


def switched_off(model, workspace):
    ModelSetting.objects.create(workspace=workspace, model=model, is_enabled=False)


def for_admins(model, workspace):
    ModelSetting.objects.create(workspace=workspace, model=model, lowest_role="admin")


def retired(model, workspace):
    UpstreamModel.objects.filter(pk=model.pk).update(is_retired=True)


def of_a_provider_switched_off(model, workspace):
    Provider.objects.filter(pk=model.provider_id).update(is_enabled=False)


def without_a_key(model, workspace):
    Provider.objects.filter(pk=model.provider_id).update(needs_key=True)


def without_endpoints(model, workspace):
    model.endpoints.update(is_enabled=False)


def deleted(model, workspace):
    model.delete()


@pytest.fixture
def house(workspace, endpoint) -> UpstreamModel:
    provider = Provider.objects.create(code="house", name="House", workspace=workspace, needs_key=False)
    model = UpstreamModel.objects.create(provider=provider, model_id="house", name="House", position=9000)
    Endpoint.objects.create(
        model=model, request_schema=endpoint.request_schema, schema_digest=endpoint.schema_digest
    )
    return model


SPOILED = [
    *(switched_off, for_admins, retired, of_a_provider_switched_off),
    *(without_a_key, without_endpoints, deleted),
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_model_that_cannot_be_used_is_passed_over(bob, workspace, house, opened, set_default, spoil):
    set_default(bob, "house", "Own.")
    set_default(None, REASONING)
    assert opened(bob) == ("house", "Own.")
    spoil(house, workspace)
    assert opened(bob) == (REASONING, "Own.")
    set_default(None, "")
    assert opened(bob)[0] not in {"house", REASONING}


def test_a_key_makes_it_usable_again(bob, workspace, house, opened, set_default):
    set_default(bob, "house")
    without_a_key(house, workspace)
    assert opened(bob)[0] != "house"
    save_key(workspace, "house", "sk-a-key-of-bob", member=bob, actor=bob)
    assert opened(bob)[0] == "house"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("configure_new", {"p.temperature": "0.4"}),
        ("keep_system", {"system_text": "Mine."}),
        ("keep_system", {"system_text": ""}),
    ],
)
def test_a_chat_that_is_begun_keeps_the_model_that_it_shows(bob, opened, set_default, post, send, name, data):
    send(bob, TOOLS)
    set_default(None, REASONING)
    endpoint = Endpoint.objects.get(model__model_id=REASONING, kind="chat/completions")
    post(bob, name, endpoint=endpoint.pk, **data)
    assert opened(bob)[0] == REASONING
    set_default(None, PLAIN)
    assert opened(bob)[0] == REASONING
    send(bob, REASONING)
    assert opened(bob)[0] == PLAIN


def test_a_system_prompt_that_is_kept_leaves_the_model_of_another_tab(bob, workspace, opened, set_default):
    set_default(None, REASONING)
    read_before = draft_of(bob.memberships.get())
    Draft(user=bob, workspace=workspace).store(
        Draft().take(Endpoint.objects.get(model__model_id=TOOLS, kind="chat/completions"), {"top_p": 0.5})
    )
    keep_for_new_chat(read_before, bob, "Mine.")
    assert opened(bob) == (TOOLS, "Mine.")
    assert Draft.objects.get().parameters == {"top_p": 0.5}


@pytest.mark.parametrize(
    ("begun", "keeps"),
    [({}, False), ({"p.temperature": "0.4"}, True), ({"sent.stream": "off"}, True)],
)
def test_a_default_that_is_set_replaces_a_mere_choice_of_a_model(
    bob, opened, set_default, post, begun, keeps
):
    post(bob, "configure_new", model=TOOLS)
    if begun:
        endpoint = Endpoint.objects.get(model__model_id=TOOLS, kind="chat/completions")
        post(bob, "configure_new", endpoint=endpoint.pk, **begun)
    set_default(bob, "", "Only a prompt.")
    assert opened(bob)[0] == TOOLS
    set_default(None, REASONING)
    assert opened(bob)[0] == TOOLS
    set_default(bob, PLAIN)
    assert opened(bob)[0] == (TOOLS if keeps else PLAIN)


def test_what_was_opened_or_copied_gets_no_system_prompt(bob, opened, set_default, post, send):
    set_default(bob, PLAIN, "Own.")
    run = send(bob, REASONING, system_text="")
    assert opened(bob, "/try?prompt=Hi")[1] == ""
    assert opened(bob, "/try?prompt=Hi&system=Theirs.")[1] == "Theirs."
    assert opened(bob, f"/w/acme/?from={run.answer.code}")[1] == ""
    assert opened(bob, f"/w/acme/?model={TOOLS}") == (TOOLS, "Own.")
    pasted = '{"model": "demo/tools", "messages": [{"role": "user", "content": "Hi"}]}'
    post(bob, "open_paste", paste=pasted)
    assert opened(bob, "/w/acme/?opened") == (TOOLS, "")


def test_everything_of_a_new_chat_has_the_defaults(bob, client_for, set_default, post):
    set_default(bob, PLAIN, "Own-words.")
    for name in ("preview_new", "code_of_new", "link_of_new"):
        shown = post(bob, name, text="Hi", idempotency_key=uuid.uuid4()).content.decode()
        assert "Own-words." in shown, name
        assert "demo/plain" in shown.replace("%2F", "/"), name
    made = post(bob, "start_with_examples", prompt="in", answer="out").headers["HX-Redirect"]
    context = client_for(bob).get(made).context
    assert (context["model"].model_id, context["system"].text) == (PLAIN, "Own-words.")
    assert context["notice"] is None


def test_others_see_nothing_of_it(bob, ada, vera, alice, opened, set_default):
    before = opened(vera)
    set_default(bob, REASONING, "Of Bob.")
    assert opened(ada)[1] == ""
    set_default(None, TOOLS, "Shared.")
    # A viewer cannot send.
    assert opened(vera) == before
    other = Workspace.objects.create(name="Other", slug="else")
    assert not ChatDefault.objects.filter(workspace=other).exists()
    Membership.objects.create(workspace=other, user=bob, role="member")
    assert opened(bob, "/w/else/")[1] == ""


def test_each_has_one(workspace, bob, set_default):
    for _ in range(2):
        set_default(None, PLAIN, "a")
        set_default(bob, PLAIN, "a")
    assert ChatDefault.objects.count() == 2


def test_a_default_model_costs_a_page_one_query(bob, client_for, set_default):
    def queries() -> int:
        client = client_for(bob)
        client.get("/w/acme/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/w/acme/").status_code == 200
        return len(captured)

    before = queries()
    set_default(bob, REASONING, "Own.")
    set_default(None, PLAIN, "Shared.")
    assert queries() <= before + 1
