from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.flows.save_key import save_key
from playground.flows import sync_catalogue as flow
from playground.flows.add_provider import add_provider
from playground.flows.sync_catalogue import QUIET, claim_sync, run_sync
from playground.models import CatalogueSync, Provider, UpstreamModel

PAGE = "/w/acme/catalogue/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def click(monkeypatch, django_capture_on_commit_callbacks):
    """Post a request; the sync that would run in a thread is finished when it returns."""
    monkeypatch.setattr(flow, "_launch", run_sync)

    def post(client: Any, url: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url)

    return post


def finished(provider: Provider, **report: Any) -> CatalogueSync:
    nothing: dict[str, Any] = {"models": 3, "added": [], "changed": [], "retired": [], "refused": []}
    return CatalogueSync.objects.create(
        provider=provider, state="finished", finished_at=now(), report={**nothing, **report}
    )


def text_of(client: Any, url: str = PAGE, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_is_for_those_who_manage_providers(client_for, ada, bob, vera, carol, aimlapi):
    assert "Never synced" in text_of(client_for(ada))
    for user, status in ((bob, 403), (vera, 403), (carol, 404)):
        client = client_for(user)
        for url in (PAGE, f"{PAGE}aimlapi/progress/"):
            assert client.get(url).status_code == status
        assert client.post(f"{PAGE}aimlapi/sync/").status_code == status
    assert not CatalogueSync.objects.exists()


def test_only_they_see_the_link(client_for, ada, bob):
    for user, is_seen in ((ada, True), (bob, False)):
        assert (PAGE in text_of(client_for(user), "/w/acme/providers/")) is is_seen


def test_it_syncs_and_says_what_it_found(client_for, ada, catalogue, aimlapi, click):
    catalogue.add("acme/one")
    catalogue.add("acme/two", b"{")
    client = client_for(ada)
    answer = click(client, f"{PAGE}aimlapi/sync/")
    assert (answer.status_code, answer.url) == (302, PAGE)

    text = text_of(client)
    assert "2 models" in text
    assert f"by {ada.display_name}" in text
    assert "neither JSON nor YAML" in text
    assert "hx-trigger" not in text
    assert UpstreamModel.objects.count() == 2


@pytest.mark.parametrize(
    ("retired", "words"),
    [(0, "2 models</p>"), (1, "2 models; 1 more is retired</p>"), (3, "2 models; 3 more are retired</p>")],
)
def test_retired_models_are_counted_apart(client_for, ada, aimlapi, retired, words):
    for number in range(2 + retired):
        UpstreamModel.objects.create(
            provider=aimlapi, model_id=f"acme/{number}", name=f"Model {number}", is_retired=number >= 2
        )
    assert words in text_of(client_for(ada))


def test_a_click_gets_the_providers_part_alone(client_for, ada, aimlapi):
    answer = client_for(ada).post(f"{PAGE}aimlapi/sync/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.count("<section") == 1
    assert "<html" not in text
    assert f'hx-get="{PAGE}aimlapi/progress/"' in text
    assert "Asking for the list" in text


def test_a_second_click_joins_the_sync_that_runs(client_for, ada, alice, aimlapi):
    client_for(ada).post(f"{PAGE}aimlapi/sync/")
    client_for(alice).post(f"{PAGE}aimlapi/sync/")
    sync = CatalogueSync.objects.get()
    assert (sync.started_by, sync.state) == (ada, "running")


def test_it_shows_how_far_a_sync_is_until_it_ends(client_for, ada, aimlapi):
    sync, _ = claim_sync(aimlapi, actor=ada)
    client = client_for(ada)
    CatalogueSync.objects.update(done=120, total=500)
    text = text_of(client, f"{PAGE}aimlapi/progress/")
    assert "120 of 500 models read" in text
    assert 'max="500" value="120"' in text
    assert 'hx-trigger="every 1s"' in text

    CatalogueSync.objects.filter(pk=sync.pk).update(state="failed", error="It went away.", finished_at=now())
    text = text_of(client, f"{PAGE}aimlapi/progress/")
    assert "It went away." in text
    assert "hx-trigger" not in text


def test_a_sync_whose_process_died_can_be_replaced(client_for, ada, aimlapi, catalogue, click):
    catalogue.add("acme/one")
    claim_sync(aimlapi, actor=ada)
    CatalogueSync.objects.update(beat_at=now() - QUIET - timedelta(seconds=1))
    client = client_for(ada)
    text = text_of(client)
    assert "server was probably stopped" in text
    assert "hx-trigger" not in text
    click(client, f"{PAGE}aimlapi/sync/")
    assert CatalogueSync.objects.latest("pk").state == "finished"


def test_while_one_runs_what_the_last_found_stays(client_for, ada, aimlapi):
    finished(aimlapi, added=["acme/new"])
    claim_sync(aimlapi, actor=ada)
    text = text_of(client_for(ada))
    assert "<dt>Added</dt><dd>1</dd>" in text
    assert "Asking for the list" in text


def test_it_says_that_the_list_is_still_the_same(client_for, ada, aimlapi):
    finished(aimlapi, retired=["acme/gone"])
    CatalogueSync.objects.create(
        provider=aimlapi, state="finished", finished_at=now(), report={"unchanged": True}, started_by=ada
    )
    text = text_of(client_for(ada))
    assert "the list is still the same" in text
    assert "acme/gone" in text


def test_names_from_a_list_are_text(client_for, ada, aimlapi):
    script = "<script>alert(1)</script>"
    finished(aimlapi, added=[script], refused=[{"model": script, "reason": script}])
    text = text_of(client_for(ada))
    assert script not in text
    assert text.count("&lt;script&gt;") == 3


def test_long_lists_are_cut(client_for, ada, aimlapi):
    finished(aimlapi, added=[f"acme/{number}" for number in range(1234)])
    assert "and 1,134 more" in text_of(client_for(ada))


def test_people_of_other_workspaces_are_not_named(client_for, ada, carol, aimlapi):
    sync = finished(aimlapi)
    CatalogueSync.objects.filter(pk=sync.pk).update(started_by=carol)
    text = text_of(client_for(ada))
    assert carol.display_name not in text
    assert "another workspace" in text


def test_other_workspaces_providers_are_not_there(client_for, ada, carol):
    theirs = add_provider(
        carol.memberships.get().workspace, "Theirs", "https://x.example.org/v1", needs_key=False, actor=ada
    )
    client = client_for(ada)
    assert "Theirs" not in text_of(client)
    assert client.get(f"{PAGE}{theirs.code}/progress/").status_code == 404
    assert client.post(f"{PAGE}{theirs.code}/sync/").status_code == 404


def test_the_demo_has_nothing_to_sync(client_for, ada):
    Provider.objects.create(code="demo", name="Demo", kind=Provider.Type.DEMO)
    client = client_for(ada)
    assert "no providers to sync with" in text_of(client)
    assert client.post(f"{PAGE}demo/sync/").status_code == 404
    assert client.get(f"{PAGE}demo/progress/").status_code == 404


def test_an_own_provider_is_asked_with_the_key_of_who_clicks(client_for, ada, workspace, catalogue, click):

    provider = add_provider(workspace, "House", catalogue.base_url, needs_key=True, actor=ada)
    save_key(workspace, provider.code, "sk-test-0123456789abcdef", member=ada, actor=ada)
    catalogue.models = {"one": {"id": "one"}}
    click(client_for(ada), f"{PAGE}{provider.code}/sync/")
    ((_, headers),) = catalogue.requests
    assert headers["authorization"] == "Bearer sk-test-0123456789abcdef"


def test_more_providers_take_no_more_queries(
    client_for, ada, workspace, aimlapi, django_assert_max_num_queries
):
    for number in range(6):
        provider = add_provider(
            workspace, f"P{number}", f"https://x{number}.example.org/v1", needs_key=False, actor=ada
        )
        finished(provider, added=["a"])
    client = client_for(ada)
    with django_assert_max_num_queries(10):
        text_of(client)


def test_providers_of_one_name_are_told_apart_by_their_addresses(client_for, ada, workspace, aimlapi):
    assert aimlapi.base_url not in text_of(client_for(ada))
    add_provider(workspace, aimlapi.name.upper(), "https://twin.example/v1", needs_key=True, actor=ada)
    for url in (PAGE, f"{PAGE}aimlapi/progress/"):
        heading = (
            text_of(client_for(ada), url).partition('id="sync-aimlapi-heading"')[2].partition("</h2>")[0]
        )
        assert aimlapi.base_url in heading
