"""The command for syncs, and the record of each sync."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils.timezone import now

from accounts.flows.save_key import save_key
from playground.flows import sync_catalogue as flow
from playground.flows.add_provider import add_provider
from playground.flows.sync_catalogue import QUIET, REREAD, claim_sync, run_sync, start_sync
from playground.models import CatalogueSync, Provider, RefusedParameter, UpstreamModel
from tests.scripted_catalogue import body_for

pytestmark = pytest.mark.django_db

RUNNING, FINISHED, FAILED = (
    CatalogueSync.State.RUNNING,
    CatalogueSync.State.FINISHED,
    CatalogueSync.State.FAILED,
)


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("sync_catalogue", *arguments, stdout=out)
    return out.getvalue().splitlines()


def run(provider: Provider) -> CatalogueSync:
    sync, is_new = claim_sync(provider, actor=None)
    assert is_new
    run_sync(sync, None)
    return sync


def test_the_command_prints_what_became_of_each_model(catalogue, aimlapi):
    for name in ("one", "two", "three"):
        catalogue.add(f"acme/{name}")
    assert command()[-1] == "models 3, added 3, changed 0, retired 0, refused 0"

    del catalogue.models["acme/two"]
    catalogue.add("acme/one", info={"name": "The one"})
    catalogue.documents["acme/three"] = b"{"
    catalogue.add("acme/four")
    assert command() == [
        "added acme/four",
        "changed acme/one: name",
        "retired acme/two",
        "refused acme/three: chat/completions: neither JSON nor YAML",
        "models 3, added 1, changed 1, retired 1, refused 1",
    ]


def test_the_command_says_that_nothing_is_new(catalogue, aimlapi):
    catalogue.add("acme/one")
    command()
    assert command() == [
        "The list is the same as at the last sync.",
        "models 1, added 0, changed 0, retired 0, refused 0",
    ]


def test_the_command_can_only_look(catalogue, aimlapi):
    catalogue.add("acme/one")
    assert command("--dry-run")[-1] == "models 1, added 1, changed 0, retired 0, refused 0"
    assert not UpstreamModel.objects.exists()
    assert not CatalogueSync.objects.exists()


def test_the_command_can_look_before_there_is_a_provider(catalogue, monkeypatch):
    from playground.catalogue import load_bundled

    monkeypatch.setitem(load_bundled._PROVIDERS["aimlapi"], "base_url", catalogue.base_url)
    catalogue.add("acme/one")
    assert command("--dry-run")[-1] == "models 1, added 1, changed 0, retired 0, refused 0"
    assert not Provider.objects.exists()


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_the_command_fails_where_the_sync_does(catalogue, aimlapi, dry):
    with pytest.raises(CommandError, match="lists no models"):
        command(*dry)


@pytest.mark.parametrize("code", ["nobody", "demo"])
def test_the_command_refuses_a_provider_that_has_no_list(code):
    with pytest.raises(CommandError, match="no provider"):
        command("--provider", code)


def test_the_command_syncs_an_own_provider_with_the_workspaces_key(catalogue, workspace, alice):

    provider = add_provider(workspace, "House", catalogue.base_url, needs_key=True, actor=alice)
    save_key(workspace, provider.code, "sk-test-0123456789abcdef", member=None, actor=alice)
    catalogue.models = {"one": {"id": "one"}}
    command("--provider", provider.code)
    ((_, headers),) = catalogue.requests
    assert headers["authorization"] == "Bearer sk-test-0123456789abcdef"


def test_the_command_does_not_run_beside_another_sync(catalogue, aimlapi):
    claim_sync(aimlapi, actor=None)
    with pytest.raises(CommandError, match="running already"):
        command()
    assert catalogue.requests == []


def test_a_sync_keeps_account(catalogue, aimlapi, alice):
    catalogue.add("acme/one")
    sync, _ = claim_sync(aimlapi, actor=alice)
    run_sync(sync, None)
    assert (sync.state, sync.done, sync.total, sync.error) == (FINISHED, 1, 1, "")
    assert sync.started_by == alice
    assert sync.finished_at
    assert sync.report["added"] == ["acme/one"]


def test_a_failure_says_why(catalogue, aimlapi):
    catalogue.list_answer = lambda handler: handler.send(401, b"{}")
    sync = run(aimlapi)
    assert (sync.state, sync.error) == (FAILED, "The provider did not accept the API key.")


def test_whatever_breaks_ends_the_sync(catalogue, aimlapi, monkeypatch, caplog):
    def broken(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(flow, "synchronise", broken)
    assert run(aimlapi).state == FAILED
    assert "ZeroDivisionError" in caplog.text


def test_who_asks_while_one_runs_joins_it(aimlapi, alice):
    first, is_new = claim_sync(aimlapi, actor=alice)
    assert is_new
    assert claim_sync(aimlapi, actor=None) == (first, False)


def test_a_sync_that_went_quiet_is_dead_and_replaced(catalogue, aimlapi):
    catalogue.add("acme/one")
    dead, _ = claim_sync(aimlapi, actor=None)
    CatalogueSync.objects.update(beat_at=now() - QUIET - timedelta(seconds=1))

    assert run(aimlapi).state == FINISHED
    dead.refresh_from_db()
    assert dead.state == FAILED
    assert "was probably stopped" in dead.error


def test_one_that_was_taken_for_dead_gives_way(catalogue, aimlapi):
    catalogue.add("acme/one")
    slow, _ = claim_sync(aimlapi, actor=None)
    CatalogueSync.objects.update(beat_at=now() - QUIET - timedelta(seconds=1))
    other, _ = claim_sync(aimlapi, actor=None)
    run_sync(slow, None)
    assert slow.state == FAILED
    assert not UpstreamModel.objects.exists()
    other.refresh_from_db()
    assert other.state == RUNNING


def test_the_second_sync_asks_only_whether_the_list_is_new(catalogue, aimlapi, workspace):
    catalogue.add("acme/one")
    run(aimlapi)
    endpoint = UpstreamModel.objects.get().endpoints.get()
    RefusedParameter.objects.create(workspace=workspace, endpoint=endpoint, name="seed")
    for _ in range(2):
        catalogue.requests.clear()
        assert run(aimlapi).report == {"unchanged": True}
        assert catalogue.paths == ["/v1/models?include=all"]
    assert not RefusedParameter.objects.exists()


def test_documents_are_read_again_after_a_day(catalogue, aimlapi):
    catalogue.add("acme/one")
    run(aimlapi)
    CatalogueSync.objects.update(started_at=now() - REREAD)
    catalogue.documents["acme/one"] = body_for("acme/one", seed={"type": "integer"})
    assert run(aimlapi).report["changed"]


def test_a_refused_document_is_tried_again(catalogue, aimlapi):
    catalogue.add("acme/one", b"{")
    run(aimlapi)
    catalogue.documents["acme/one"] = body_for("acme/one")
    assert run(aimlapi).report["changed"]


def test_it_keeps_the_last_of_many(catalogue, aimlapi):
    catalogue.add("acme/one")
    for _ in range(flow.KEPT + 3):
        last = run(aimlapi)
    assert CatalogueSync.objects.count() == flow.KEPT
    assert CatalogueSync.objects.first() == last


@pytest.mark.django_db(transaction=True)
def test_it_runs_in_a_thread_of_its_own(catalogue, aimlapi, alice):
    is_asked, may_answer = threading.Event(), threading.Event()

    def wait(handler):
        is_asked.set()
        may_answer.wait(10)
        handler.send(200, b'{"data": [{"id": "acme/one", "type": "chat"}]}')

    catalogue.list_answer = wait
    sync = start_sync(aimlapi, actor=alice, api_key=None)
    assert is_asked.wait(10)
    assert start_sync(aimlapi, actor=None, api_key=None) == sync
    may_answer.set()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "sync-aimlapi"]
    thread.join(10)
    assert not thread.is_alive()

    sync.refresh_from_db()
    assert (sync.state, sync.report["added"]) == (FINISHED, ["acme/one"])
    assert CatalogueSync.objects.count() == 1
    assert len(catalogue.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_begins(aimlapi):
    barrier = threading.Barrier(4)
    claimed = []

    def claim():
        barrier.wait(10)
        try:
            claimed.append(claim_sync(aimlapi, actor=None))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(is_new for _, is_new in claimed) == [False, False, False, True]
    assert len({sync.pk for sync, _ in claimed}) == 1
