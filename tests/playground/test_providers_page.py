from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from accounts.flows.save_key import save_key
from accounts.models import ApiKey
from playground.access import models_for
from playground.catalogue.generic import generic_schema
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import ModelSetting, Provider, ProviderSetting, UpstreamModel
from playground.parameters.form.body import build_body
from playground.parameters.schema.reader import read_parameters

PAGE = "/w/acme/providers/"
# The last part adds the server without asking it.
NEW = {
    "name": "Our vLLM",
    "base_url": "https://llm.example.org/v1/",
    "without_key": "https://llm.example.org/v1",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def vllm(alice, workspace) -> Provider:
    provider = add_provider(workspace, "Our vLLM", "https://llm.example.org/v1", needs_key=False, actor=alice)
    add_models(provider, ["qwen/qwen3-32b"], actor=alice)
    return provider


@pytest.fixture
def posts(vllm):
    number = vllm.models.get().pk
    own = f"{PAGE}{vllm.code}/"
    return {
        f"{PAGE}add/": NEW,
        f"{own}edit/": NEW,
        f"{own}switch/": {},
        f"{own}places/": {"places": "2"},
        f"{own}fetch/": {},
        f"{own}models/": {"model_ids": "a"},
        f"{own}models/{number}/remove/": {},
        f"{own}delete/": {},
    }


def test_everybody_sees_where_models_come_from(client_for, bob, vera, vllm):
    for user in (bob, vera):
        client = client_for(user)
        text = client.get(PAGE).content.decode()
        assert "Our vLLM" in text
        assert "Add a server" not in text
        assert "qwen/qwen3-32b" in client.get(f"{PAGE}{vllm.code}/").content.decode()


def test_it_adds_a_provider(client_for, ada, workspace):
    answer = client_for(ada).post(f"{PAGE}add/", NEW)

    provider = Provider.objects.get(workspace=workspace)
    assert answer.url == f"{PAGE}{provider.code}/"
    assert (provider.base_url, provider.kind, provider.needs_key) == (
        "https://llm.example.org/v1",
        Provider.Type.OPENAI,
        True,
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://ollama:11434/v1", "http://ollama:11434/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://192.168.1.20:8000/v1/", "http://192.168.1.20:8000/v1"),
        ("https://LLM.example.org/v1/chat/completions", "https://llm.example.org/v1"),
        ("https://llm.example.org", "https://llm.example.org"),
    ],
)
def test_it_takes_an_address_as_people_paste_it(client_for, ada, workspace, given, kept):
    client_for(ada).post(f"{PAGE}add/", NEW | {"base_url": given, "without_key": kept})

    assert Provider.objects.get(workspace=workspace).base_url == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://llm.example.org/v1",
        "file:///etc/passwd",
        "https://user:password@llm.example.org/v1",
        "https://llm.example.org/v1?key=1",
        "https://llm.example.org/v1#x",
        "https://llm.example.org/v1?",
        "https://llm.example.org:99999/v1",
        "https://llm.example.org:0/v1",
        "https://",
        "https://exa mple.org/v1",
        "https://llm.example.org/v1\r\nX-Evil: 1",
        "javascript:alert(1)",
        "https://[::1/v1",
        "https://" + "a" * 300 + ".org",
    ],
)
def test_it_refuses_other_addresses_at_the_field(client_for, ada, workspace, address):
    answer = client_for(ada).post(f"{PAGE}add/", NEW | {"base_url": address})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"base_url"}
    assert not Provider.objects.filter(workspace=workspace).exists()


def test_models_are_added_right_under_those_that_are_there(client_for, ada, vllm):
    text = client_for(ada).get(f"{PAGE}{vllm.code}/").content.decode()
    headings = re.findall(r'<h2 id="([a-z]+)-heading">', text)
    assert headings == ["models", "add", "endpoints", "places", "extra", "edit"]


def test_it_adds_models_by_hand(client_for, ada, workspace, vllm):
    data = {"model_ids": " a/one \n\na/two\na/one\nqwen/qwen3-32b", "input_price": "0", "output_price": "0"}

    answer = client_for(ada).post(f"{PAGE}{vllm.code}/models/", data, follow=True)

    assert "Added 2 models." in answer.content.decode()
    model = models_for(ada.memberships.get()).get(model_id="a/one")
    assert model.input_price == model.output_price == Decimal(0)
    assert model.endpoints.count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"model_ids": " \n "}, "model_ids"),
        ({"model_ids": "one\ntwo\x07"}, "model_ids"),
        ({"model_ids": "one\u202etwo"}, "model_ids"),
        ({"model_ids": "x" * 201}, "model_ids"),
        ({"model_ids": "\n".join(f"m{n}" for n in range(1001))}, "model_ids"),
        ({"model_ids": "a", "input_price": "-1", "output_price": "1"}, "input_price"),
        ({"model_ids": "a", "input_price": "1"}, "__all__"),
    ],
)
def test_it_says_what_is_wrong_with_models(client_for, ada, vllm, data, field):
    answer = client_for(ada).post(f"{PAGE}{vllm.code}/models/", data)

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert vllm.models.count() == 1


def test_it_asks_the_server_which_models_it_has(client_for, ada, workspace, demo_upstream, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = [urlsplit(demo_upstream.base_url).netloc]
    provider = add_provider(workspace, "Local", demo_upstream.base_url, needs_key=False, actor=ada)
    add_models(provider, ["demo/plain"], actor=ada)

    answer = client_for(ada).post(f"{PAGE}{provider.code}/fetch/", follow=True)

    offered = answer.context["form"]["model_ids"].value().split("\n")
    assert "demo/markdown" in offered
    assert "demo/plain" not in offered, "it is here already"
    assert provider.models.count() == 1, "nothing is added unasked"


def test_an_address_inside_is_not_asked_unless_allowed(client_for, ada, workspace, demo_upstream, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = []
    provider = add_provider(workspace, "Inside", demo_upstream.base_url, needs_key=False, actor=ada)

    answer = client_for(ada).post(f"{PAGE}{provider.code}/fetch/", follow=True)

    assert "did not say which models it has" in answer.content.decode()
    assert not demo_upstream.requests


def test_an_unreachable_server_is_explained(client_for, ada, workspace, closed_port, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["127.0.0.1/32"]
    provider = add_provider(
        workspace, "Gone", f"http://127.0.0.1:{closed_port}/v1", needs_key=False, actor=ada
    )

    answer = client_for(ada).post(f"{PAGE}{provider.code}/fetch/", follow=True)

    assert "Gone did not say which models it has" in answer.content.decode()


def test_switched_off_its_models_cannot_be_chosen(client_for, ada, workspace, vllm):
    client = client_for(ada)

    client.post(f"{PAGE}{vllm.code}/switch/")
    assert not models_for(ada.memberships.get()).filter(provider=vllm).exists()
    client.post(f"{PAGE}{vllm.code}/switch/")
    assert models_for(ada.memberships.get()).filter(provider=vllm).exists()


def test_an_admin_sets_how_many_requests_run_at_once(client_for, ada, bob, workspace, vllm):
    client = client_for(ada)
    page = f"{PAGE}{vllm.code}/"

    answer = client.post(f"{page}places/", {"places": "3"}, follow=True)

    assert "3 requests may run at Our vLLM at once." in answer.content.decode()
    assert ProviderSetting.objects.get(workspace=workspace, provider=vllm).places == 3
    assert client.get(page).context["places_form"]["places"].value() == 3
    assert "3 requests of Acme Research may run here at once" in client_for(bob).get(page).content.decode()

    client.post(f"{page}places/", {"places": ""})
    assert ProviderSetting.objects.get(workspace=workspace, provider=vllm).places is None


@pytest.mark.parametrize("places", ["0", "-1", "many", "1.5", "1000000"])
def test_it_refuses_places_that_are_no_number_at_the_field(client_for, ada, vllm, places):
    answer = client_for(ada).post(f"{PAGE}{vllm.code}/places/", {"places": places})

    assert answer.status_code == 200
    assert answer.context["places_form"].errors["places"]
    assert not ProviderSetting.objects.exists()


def test_a_workspace_sets_places_at_what_comes_with_the_product_for_itself(client_for, alice, workspace):
    Provider.objects.update_or_create(
        code="aimlapi", defaults={"name": "AI/ML API", "base_url": "https://x.org"}
    )

    assert client_for(alice).post(f"{PAGE}aimlapi/places/", {"places": "5"}).status_code == 302

    assert ProviderSetting.objects.get().workspace == workspace


def test_a_removed_model_is_gone_and_can_come_back(client_for, ada, vllm):
    client = client_for(ada)
    model = vllm.models.get()

    client.post(f"{PAGE}{vllm.code}/models/{model.pk}/remove/")
    assert not models_for(ada.memberships.get()).filter(pk=model.pk).exists()
    assert model.model_id not in client.get(f"{PAGE}{vllm.code}/").content.decode()
    assert client.post(f"{PAGE}{vllm.code}/models/{model.pk}/remove/").status_code == 404
    client.post(f"{PAGE}{vllm.code}/models/", {"model_ids": model.model_id})
    assert models_for(ada.memberships.get()).get(pk=model.pk).endpoints.count() == 1


def test_a_model_of_another_provider_stays(client_for, ada, carol, vllm):
    other = add_provider(
        carol.memberships.get().workspace, "Other", "https://o.example.org", needs_key=False, actor=ada
    )
    add_models(other, ["theirs"], actor=ada)

    answer = client_for(ada).post(f"{PAGE}{vllm.code}/models/{other.models.get().pk}/remove/")

    assert answer.status_code == 404
    assert other.models.exists()


def test_deleting_takes_models_and_keys_along(client_for, ada, bob, workspace, vllm):
    save_key(workspace, vllm.code, "sk-shared-0123456789", member=None, actor=ada)
    save_key(workspace, vllm.code, "sk-personal-0123456789", member=bob, actor=bob)

    assert client_for(ada).post(f"{PAGE}{vllm.code}/delete/").url == PAGE

    assert not Provider.objects.filter(pk=vllm.pk).exists()
    assert not UpstreamModel.objects.filter(provider=vllm.pk).exists()
    assert not ApiKey.objects.exists()


def test_a_provider_of_the_product_cannot_be_changed(client_for, alice):
    Provider.objects.update_or_create(
        code="aimlapi", defaults={"name": "AI/ML API", "base_url": "https://x.org"}
    )
    client = client_for(alice)

    for action in ("edit", "switch", "delete", "fetch", "models"):
        assert client.post(f"{PAGE}aimlapi/{action}/", {"model_ids": "a"}).status_code == 403
    assert Provider.objects.get(code="aimlapi").is_enabled


def test_a_provider_of_another_workspace_is_not_found(client_for, ada, carol, vllm):
    vllm.workspace = carol.memberships.get().workspace
    vllm.save()
    client = client_for(ada)

    assert "Our vLLM" not in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}{vllm.code}/").status_code == 404
    for action in ("edit", "switch", "delete", "fetch", "models"):
        assert client.post(f"{PAGE}{vllm.code}/{action}/", {"model_ids": "a"}).status_code == 404


def test_a_role_without_the_right_gets_a_403(client_for, bob, vera, posts):
    for user in (bob, vera):
        for path, data in posts.items():
            assert client_for(user).post(path, data).status_code == 403, path


def test_a_stranger_gets_a_404(client_for, carol, vllm, posts):
    client = client_for(carol)
    assert client.get(PAGE).status_code == client.get(f"{PAGE}{vllm.code}/").status_code == 404
    for path, data in posts.items():
        assert client.post(path, data).status_code == 404, path


def test_signed_out_it_asks_to_sign_in(client, vllm, posts):
    for path in (PAGE, f"{PAGE}{vllm.code}/"):
        assert client.get(path).url == f"/sign-in/?next={path}"
    for path, data in posts.items():
        assert client.post(path, data).url.startswith("/sign-in/"), path


def test_other_methods_are_refused(client_for, ada, vllm, posts):
    client = client_for(ada)
    assert client.post(PAGE).status_code == client.post(f"{PAGE}{vllm.code}/").status_code == 405
    for path in posts:
        # The address that adds a provider has a page of its own.
        refused = client.delete if path == f"{PAGE}add/" else client.get
        assert refused(path).status_code == 405, path


def test_their_schema_makes_a_form_and_a_body():
    schema = generic_schema()
    assert {"temperature", "max_tokens", "stop"} <= {spec.name for spec in read_parameters(schema)}
    body = build_body(
        schema, "qwen", {"messages": [{"role": "user", "content": "Hi"}]}, {"stop": ["END"], "temperature": 0}
    )
    assert body["stream_options"] == {"include_usage": True}


def test_it_lists_models_as_decided_and_hides_those_for_other_roles(client_for, ada, vera, workspace, vllm):
    add_models(vllm, ["open", "secret"], actor=ada)
    for model_id, decided in {"open": {"name": "House model"}, "secret": {"lowest_role": "admin"}}.items():
        ModelSetting.objects.create(workspace=workspace, model=vllm.models.get(model_id=model_id), **decided)
    page = f"/w/{workspace.slug}/providers/{vllm.code}/"
    names = [model.name for model in client_for(ada).get(page).context["page"]]
    assert sorted(names) == ["House model", "qwen/qwen3-32b", "secret"]
    names = [model.name for model in client_for(vera).get(page).context["page"]]
    assert sorted(names) == ["House model", "qwen/qwen3-32b"]


def test_hundreds_of_models_are_shown_in_pages(client_for, ada, workspace, vllm):
    add_models(vllm, [f"own/{number:03}" for number in range(119)], actor=ada)
    client, page = client_for(ada), f"/w/{workspace.slug}/providers/{vllm.code}/"

    first, last = client.get(page), client.get(page, {"page": "3"})

    assert "1 to 40 of 120" in first.content.decode()
    assert len({model.pk for answer in (first, last) for model in answer.context["page"]}) == 80
    assert len(first.content) < 100_000
