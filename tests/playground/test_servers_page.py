"""Adding and editing a provider: what the server says decides what is asked and stored."""

from __future__ import annotations

import pytest

from accounts.flows.save_key import save_key
from accounts.keys import reveal
from accounts.models import ApiKey, Workspace
from playground import clients
from playground.catalogue.load_bundled import load_bundled
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import Provider
from playground.upstream.transport import guard
from tests.scripted_server import ScriptedServer, listing

PAGE = "/w/acme/providers/"
KEY, OTHER_KEY = "sk-right-0123456789", "sk-other-0123456789"

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(client_for, ada):
    def post(base_url: str, **data: str):
        return client_for(ada).post(
            f"{PAGE}add/", {"name": "Local", "base_url": base_url, **data}, follow=True
        )

    return post


@pytest.fixture
def provider(ada, workspace, server) -> Provider:
    server.says("/v1/models", listing("qwen"))
    made = add_provider(workspace, "Local", f"{server.origin}/v1", needs_key=True, actor=ada)
    add_models(made, ["qwen"], actor=ada)
    save_key(workspace, made.code, KEY, member=None, actor=ada)
    save_key(workspace, made.code, OTHER_KEY, member=ada, actor=ada)
    return made


@pytest.fixture
def edit(client_for, ada, provider):
    def post(base_url: str, **data: str):
        fields = {"name": "Local", "base_url": base_url, "needs_key": "on", **data}
        return client_for(ada).post(f"{PAGE}{provider.code}/edit/", fields, follow=True)

    return post


def text_of(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


@pytest.mark.parametrize(
    ("listed_at", "typed", "kept"),
    [
        ("/v1/models", "{place}", "/v1"),
        ("/v1/models", "http://{place}/", "/v1"),
        ("/v1/models", "http://{place}/v1", "/v1"),
        ("/v1/models", " 'http://{place}/v1/chat/completions' ", "/v1"),
        ("/v1/models", "http://{place}/api/tags", "/v1"),
        ("/models", "http://{place}", ""),
        ("/api/v1/models", "http://{place}/api", "/api/v1"),
        ("/v3/models", "http://{place}/v3", "/v3"),
    ],
)
def test_it_finds_the_list_of_models(add, server, listed_at, typed, kept):
    server.says(listed_at, listing("qwen", "llama"))

    page = text_of(add(typed.format(place=server.place)))

    found = Provider.objects.get(name="Local")
    assert (found.base_url, found.needs_key) == (f"{server.origin}{kept}", False)
    assert sorted(found.models.values_list("model_id", flat=True)) == ["llama", "qwen"]
    assert f"Local is added at {found.base_url}, with 2 models." in page
    for model in found.models.all():
        assert f'href="/w/acme/?model={model.pk}"' in page
    assert "Chat with it" in page
    assert len(server.asked) <= 2


@pytest.mark.parametrize(
    "at_root",
    [
        (200, b"<!doctype html><title>Web UI</title>", {"Content-Type": "text/html"}),
        (200, {"error": "Unexpected endpoint or method."}, {}),
        (200, b"[1, 2", {}),
        (404, b"", {}),
        (401, {"detail": "Not authenticated"}, {}),
        (500, b"oops", {}),
        (307, b"", {"Location": "/login"}),
    ],
)
def test_what_the_root_says_hides_no_list_under_the_version(add, server, at_root):
    status, body, headers = at_root
    server.says("/models", body, status, **headers)
    server.says("/v1/models", listing("qwen"))

    add(server.place)

    assert Provider.objects.get(name="Local").base_url == f"{server.origin}/v1"


@pytest.mark.parametrize(
    "body", [{"object": "list", "data": []}, {"object": "list", "data": None}, b"[]", b" [ ]"]
)
def test_a_server_without_models_says_so(add, server, body):
    server.says("/v1/models", body)

    page = text_of(add(f"{server.origin}/v1"))

    assert "The server lists no models." in page
    assert "Chat with it" not in page
    assert Provider.objects.get(name="Local").models.count() == 0


def test_a_bare_list_is_a_list(add, server):
    server.says("/v1/models", [{"id": "qwen", "object": "model"}])

    assert "with 1 model." in text_of(add(server.place))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, b"", {}), "does not list its models there"),
        ((200, b"<h1>Hello</h1>", {}), "not with a list of models"),
        ((200, {"data": "none"}, {}), "not with a list of models"),
        ((200, b'{"data": [' + b"1," * 600_000 + b"1]}", {}), "not with a list of models"),
        ((500, {"error": {"message": "the disk is full"}}, {}), "the disk is full"),
        ((403, {"error": {"message": "your country"}}, {}), "your country"),
        (
            (301, b"", {"Location": "https://new.example.org/v1/models?key=1"}),
            "https://new.example.org/v1/models.",
        ),
        ((302, b"", {"Location": "javascript:alert(1)"}), "sent us to another address"),
        ((302, b"", {"Location": "file:///etc/passwd"}), "sent us to another address"),
        ((302, b"", {"Location": "/login"}), "/login. Enter that address."),
        ((308, b"", {}), "sent us to another address"),
    ],
)
def test_it_says_why_there_is_no_list_and_saves_it_all_the_same_if_told(add, server, answer, words):
    status, body, headers = answer
    server.says("/v1/models", body, status, **headers)
    base_url = f"{server.origin}/v1"

    page = text_of(add(base_url))

    assert words in page
    assert "key=1" not in page
    assert f'name="anyway" value="{base_url}"' in page
    assert not Provider.objects.filter(name="Local").exists()
    # The consent is for this address only.
    assert not add(base_url + "2", anyway=base_url).redirect_chain
    asked = len(server.asked)
    assert "Next, add its models." in text_of(add(base_url, anyway=base_url))
    assert len(server.asked) == asked


def test_it_asks_for_a_key_only_once_the_server_does(add, client_for, ada, workspace, server):
    server.key = KEY
    server.says("/v1/models", listing("qwen"))
    assert 'name="secret"' not in text_of(client_for(ada).get(f"{PAGE}add/"))

    page = text_of(add(server.place))
    assert "This server asks for a key." in page
    assert 'name="secret"' in page

    page = text_of(add(server.place, secret=OTHER_KEY))
    assert "did not accept this key" in page
    assert OTHER_KEY not in page
    assert not Provider.objects.filter(name="Local").exists()

    add(server.place, secret=f" {KEY}\n")
    found = Provider.objects.get(name="Local")
    assert (found.base_url, found.needs_key) == (f"{server.origin}/v1", True)
    stored = ApiKey.objects.get(provider_code=found.code)
    assert (reveal(stored), stored.workspace, stored.member) == (KEY, workspace, None)


def test_a_server_that_asks_for_a_key_is_saved_without_one_if_told(add, server):
    server.key = KEY
    add(server.place, without_key=server.origin)

    assert Provider.objects.get(name="Local").needs_key
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("secret", ["two words", "ключ", "x" * 1001])
def test_a_key_that_cannot_be_sent_is_refused_at_its_field(add, server, secret):
    page = text_of(add(server.place, secret=secret))

    assert "A key " in page
    assert not server.asked


def test_somebody_who_came_from_the_chat_returns_to_it_with_a_model(add, server):
    # The first one that the server lists is the one that it prefers, such as the one that is loaded.
    server.says("/v1/models", listing("qwen", "gemma"))
    answer = add(server.place, then="chat")

    provider = Provider.objects.get(name="Local")
    model = provider.models.get(model_id="qwen")
    assert answer.redirect_chain == [(f"/w/acme/?model={model.pk}", 302)]
    assert answer.context["model"] == model
    assert f"Local is added at {server.origin}/v1, with 2 models." in text_of(answer)
    assert add(server.place).context["chat_with"] == model


def test_a_server_without_models_cannot_be_chatted_with(add, server):
    server.says("/v1/models", listing())
    answer = add(server.place, then="chat")

    assert answer.redirect_chain == [(f"{PAGE}{Provider.objects.get(name='Local').code}/", 302)]


@pytest.mark.parametrize("typed", ["{place}", "{origin}/v1", "{origin}/v1/models", "{origin}"])
@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_same_address_again_leads_to_the_provider(add, server, provider, typed, is_enabled):
    Provider.objects.filter(pk=provider.pk).update(is_enabled=is_enabled)
    answer = add(typed.format(place=server.place, origin=server.origin), name="Again")

    assert answer.redirect_chain == [(f"{PAGE}{provider.code}/", 302)]
    words = "added already." if is_enabled else "added already, but switched off."
    assert f"Local at {server.origin}/v1 is {words}" in text_of(answer)
    assert not Provider.objects.filter(name="Again").exists()
    assert not server.asked


def test_of_two_that_add_the_same_address_at_once_one_is_led_to_the_other(
    add, server, ada, workspace, monkeypatch
):
    server.says("/v1/models", listing("qwen"))
    found = clients.find_server

    def meanwhile(*args):
        there = found(*args)
        add_provider(workspace, "First", there.base_url, needs_key=False, actor=ada)
        return there

    monkeypatch.setattr(clients, "find_server", meanwhile)

    assert "First at" in text_of(add(server.place))
    assert [each.name for each in Provider.objects.filter(workspace=workspace)] == ["First"]


def test_other_workspaces_may_have_the_same_server(add, server, ada):
    server.says("/v1/models", listing("qwen"))
    other = Workspace.objects.create(slug="second", name="Second")
    add_provider(other, "Theirs", f"{server.origin}/v1", needs_key=False, actor=ada)

    assert "Theirs" not in text_of(add(server.place))
    assert Provider.objects.filter(base_url=f"{server.origin}/v1").count() == 2


def test_the_way_to_it_is_shown_to_those_who_may_add_one(client_for, ada, bob, db):
    load_bundled("demo")
    link = 'href="/w/acme/providers/add/?then=chat"'
    admin, member = (text_of(client_for(person).get("/w/acme/")) for person in (ada, bob))

    assert admin.count(link) == 2, "the picker and the welcome page"
    assert link not in member
    assert "add an API key" in member
    assert 'name="then" value="chat"' in text_of(client_for(ada).get(f"{PAGE}add/?then=chat"))


def test_the_welcome_page_offers_no_more_once_a_real_model_is_ready(client_for, ada, provider):
    load_bundled("demo")
    page = text_of(client_for(ada).get("/w/acme/?model=demo/plain"))

    assert "It needs no key and costs nothing." in page
    assert "To talk to real models" not in page


def test_a_dead_port_is_named(add, settings, closed_port):
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["127.0.0.1/32"]

    page = text_of(add(f"127.0.0.1:{closed_port}"))

    assert f"Nothing answers at 127.0.0.1:{closed_port}." in page
    assert not Provider.objects.filter(name="Local").exists()


@pytest.mark.parametrize(
    ("typed", "addresses", "words"),
    [
        ("192.168.1.20:11434", [], ">ALLOWED_PRIVATE_UPSTREAMS=192.168.1.20:11434</code>"),
        ("http://10.0.0.5/v1", [], "ALLOWED_PRIVATE_UPSTREAMS=10.0.0.5:80"),
        ("https://172.16.0.9/v1", [], "ALLOWED_PRIVATE_UPSTREAMS=172.16.0.9:443"),
        ("localhost:1234", ["127.0.0.1"], "ALLOWED_PRIVATE_UPSTREAMS=127.0.0.1:1234"),
        ("[fd00::1]:8080", [], "ALLOWED_PRIVATE_UPSTREAMS=[fd00::1]:8080"),
        ("llm_box.lan:8000", ["192.168.7.7"], "ALLOWED_PRIVATE_UPSTREAMS=192.168.7.7:8000"),
        ("box.lan", ["10.1.1.1", "fd00::2"], "ALLOWED_PRIVATE_UPSTREAMS=10.1.1.1:80,[fd00::2]:80"),
        ("169.254.169.254", [], "No provider can be at 169.254.169.254:80."),
        ("0.0.0.0:11434", [], "No provider can be at 0.0.0.0:11434."),
        ("meta.lan", ["169.254.169.254"], "No provider can be at meta.lan:80."),
    ],
)
def test_the_refusal_of_a_private_address_names_the_line(add, settings, monkeypatch, typed, addresses, words):
    settings.ALLOWED_PRIVATE_UPSTREAMS = []
    if addresses:
        found = [(0, 0, 0, "", (address, 0)) for address in addresses]
        monkeypatch.setattr(guard, "_getaddrinfo", lambda host, port: found)

    page = text_of(add(typed))

    assert words in page
    assert 'name="anyway"' not in page
    assert not Provider.objects.filter(name="Local").exists()


def test_the_refusal_does_not_show_what_is_allowed_elsewhere(add, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["10.99.0.0/16"]

    page = text_of(add("192.168.1.20:11434"))

    assert "add this to ALLOWED_PRIVATE_UPSTREAMS" in page
    assert ">192.168.1.20:11434</code>" in page
    assert "10.99" not in page


def test_a_name_that_is_nowhere_is_named(add, monkeypatch):
    def nowhere(host: str, port: int):
        raise OSError("Name or service not known")

    monkeypatch.setattr(guard, "_getaddrinfo", nowhere)
    assert "There is no server called llm_box.example." in text_of(add("llm_box.example"))


def test_it_renames_a_provider_without_asking_the_server(edit, provider, server):
    page = text_of(edit(provider.base_url, name="Our box"))

    provider.refresh_from_db()
    assert (provider.name, provider.needs_key) == ("Our box", True)
    assert "Our box is saved" in page
    assert not server.asked
    assert ApiKey.objects.count() == 2


def test_another_path_of_the_same_server_keeps_the_keys(edit, provider, server):
    server.says("/v2/models", listing("qwen"))

    edit(f"{server.origin}/v2")

    provider.refresh_from_db()
    assert provider.base_url == f"{server.origin}/v2"
    assert ApiKey.objects.count() == 2
    assert {key for _, key in server.asked} == {OTHER_KEY}, "the admin's own key is used first"


@pytest.fixture
def elsewhere(settings, server):
    other = ScriptedServer()
    other.says("/v1/models", listing("qwen", "new"))
    settings.ALLOWED_PRIVATE_UPSTREAMS = [server.place, other.place]
    yield other
    other.close()


def test_no_stored_key_goes_to_another_server(edit, provider, elsewhere):
    page = text_of(edit(elsewhere.origin))

    assert "2 keys are stored for" in page
    assert f'name="drop_keys" value="{elsewhere.origin}"' in page
    assert not elsewhere.asked
    assert ApiKey.objects.count() == 2

    # The consent counts for the address that it was given for.
    edit(elsewhere.origin, drop_keys="https://other.example.org")
    assert not elsewhere.asked

    edit(elsewhere.origin, drop_keys=elsewhere.origin)
    provider.refresh_from_db()
    assert provider.base_url == f"{elsewhere.origin}/v1"
    assert {key for _, key in elsewhere.asked} == {""}
    assert not ApiKey.objects.exists()
    assert list(provider.models.values_list("model_id", flat=True)) == ["qwen"], "nothing is added unasked"


def test_another_server_gets_the_key_that_is_entered_for_it(edit, provider, elsewhere):
    elsewhere.key = "sk-new-0123456789"
    page = text_of(edit(elsewhere.origin, drop_keys=elsewhere.origin))
    assert "This server asks for a key." in page
    assert ApiKey.objects.count() == 2, "nothing is stored or deleted yet"
    assert f'type="hidden" name="drop_keys" value="{elsewhere.origin}"' in page

    edit(elsewhere.origin, drop_keys=elsewhere.origin, secret=elsewhere.key)

    assert [reveal(key) for key in ApiKey.objects.all()] == [elsewhere.key]
    assert {key for _, key in elsewhere.asked} == {"", elsewhere.key}


def test_an_edit_that_is_refused_changes_nothing(edit, provider, closed_port, settings):
    before = (provider.name, provider.base_url)
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["127.0.0.1/32"]
    ApiKey.objects.all().delete()

    for base_url in (f"127.0.0.1:{closed_port}", "ftp://x.org", "", "192.168.9.9"):
        assert edit(base_url, name="New").status_code == 200

    provider.refresh_from_db()
    assert (provider.name, provider.base_url) == before


@pytest.mark.parametrize("is_late", [False, True])
def test_an_edit_does_not_take_the_address_of_another_provider(
    edit, provider, elsewhere, workspace, ada, monkeypatch, is_late
):
    find, asked = clients.find_server, []

    def another() -> None:
        add_provider(workspace, "Second", f"{elsewhere.origin}/v1", needs_key=False, actor=ada)

    def meanwhile(*args):
        asked.append(args)
        if is_late:
            another()
        return find(*args)

    monkeypatch.setattr(clients, "find_server", meanwhile)
    if not is_late:
        another()

    page = text_of(edit(elsewhere.origin, drop_keys=elsewhere.origin))

    assert "Second has this address already. Enter another one." in page
    provider.refresh_from_db()
    assert provider.base_url != f"{elsewhere.origin}/v1"
    assert ApiKey.objects.count() == 2
    assert len(asked) == is_late


def test_a_key_saved_on_an_old_page_is_not_stored_for_another_server(client_for, ada, provider):
    ApiKey.objects.all().delete()
    data = {"secret": KEY, "base_url": "https://before.example.org/v1"}

    answer = client_for(ada).post(f"/w/acme/keys/workspace/{provider.code}/save/", data)

    assert "has another address now" in text_of(answer)
    assert not ApiKey.objects.exists()


def test_a_link_opens_a_chat_with_the_model(client_for, ada, bob, carol, provider):
    model = provider.models.get()
    for user in (ada, bob):
        page = client_for(user).get(f"/w/acme/?model={model.pk}")
        assert page.context["model"] == model
    assert client_for(carol).get(f"/w/acme/?model={model.pk}").status_code == 404
    assert client_for(ada).get("/w/acme/?model=999999").status_code == 404
    assert client_for(ada).get("/w/acme/?model=%00").status_code == 404


@pytest.mark.parametrize(("name", "shown"), [("", "{place}"), ("   ", "{place}"), ("Mine", "Mine")])
def test_the_address_alone_is_enough(client_for, alice, server, name, shown):
    server.says("/v1/models", listing("one"))

    client_for(alice).post(f"{PAGE}add/", {"name": name, "base_url": server.place})

    assert Provider.objects.get(workspace__isnull=False).name == shown.format(place=server.place)
