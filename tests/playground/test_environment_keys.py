"""Keys of providers that the server has in its environment or in a file, and never stores."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from accounts import keys
from accounts.environment_keys import KeySource, read_sources
from accounts.exceptions import VaultError
from accounts.flows.rotate_vault_key import secrets_by_key
from accounts.models import ApiKey, AuditEvent, Workspace
from playground.checks import check_provider_keys
from playground.flows.offer_environment_keys import offer_environment_keys
from playground.models import Provider

SECRET = "sk-canary-0123456789abcdef"

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path, settings, workspace):
    """A file with a key of AI/ML API, which the first workspace may use."""
    path = tmp_path / "aimlapi"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    settings.PROVIDER_KEYS = {"aimlapi": KeySource("file", str(path))}
    settings.PROVIDER_KEY_WORKSPACES = []
    Provider.objects.get_or_create(code="aimlapi", defaults={"name": "AI/ML API", "kind": "aimlapi"})
    return path


def test_entries_name_variables_and_files():
    found = read_sources("X", ["aimlapi=env:AIMLAPI_KEY", "other=file:/run/a=b:c"], lambda name: SECRET)
    assert found == {
        "aimlapi": KeySource("env", "AIMLAPI_KEY", SECRET),
        "other": KeySource("file", "/run/a=b:c"),
    }
    assert found["aimlapi"].read() == SECRET
    assert SECRET not in repr(found)


@pytest.mark.parametrize("entries", [[SECRET], [f"aimlapi={SECRET}"], ["a=env:A", "a=env:B"], ["a=file:"]])
def test_an_entry_of_another_shape_is_refused_and_not_quoted(entries):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_sources("PROVIDER_KEYS", entries, str)
    assert SECRET not in str(refusal.value)


def test_it_is_used_and_neither_stored_nor_shown(file, workspace, bob, ada, carol, client_for):
    assert offer_environment_keys() == offer_environment_keys() == []
    key = ApiKey.objects.get()
    assert keys.resolve(workspace, bob, "aimlapi", "gpt-5") == key and keys.reveal(key) == SECRET
    assert keys.resolve(carol.memberships.get().workspace, carol, "aimlapi") is None
    assert (key.token, key.last4, secrets_by_key()) == ("", "", {})
    client = client_for(ada)
    page = f"/w/acme/keys/{key.code}/"
    seen = [client.get(path).content.decode() for path in ("/w/acme/keys/", page)]
    assert "from the environment" in seen[0] and "is not stored" in seen[1]
    stored = [*ApiKey.objects.values(), *AuditEvent.objects.values()]
    assert SECRET not in f"{seen} {stored} {vars(key)}" and str(file) not in f"{seen} {stored}"
    assert AuditEvent.objects.get(action="keys.save").actor is None
    # It can be limited and disabled, but neither replaced nor deleted.
    for action in ("replace", "delete"):
        assert f"{page}{action}/" not in seen[1]
        assert client.post(f"{page}{action}/", {"secret": "sk-another-0123456789"}).status_code == 404
    client.post(f"{page}change/", {"label": "Server", "lowest_role": "admin"})
    assert keys.resolve(workspace, bob, "aimlapi") is None and keys.resolve(workspace, ada, "aimlapi") == key
    # A start offers it again, and changes nothing of this.
    offer_environment_keys()
    assert ApiKey.objects.get().label == "Server"


def test_a_changed_file_counts_at_once_and_a_lost_one_is_an_error(file, workspace, bob):
    offer_environment_keys()
    key = ApiKey.objects.get()
    assert keys.reveal(key) == SECRET
    file.write_text(f"{SECRET}-2", encoding="utf-8")
    assert keys.reveal(key) == f"{SECRET}-2"
    for text in ("", "two words", f"{SECRET}\n{SECRET}"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(VaultError) as refusal:
            keys.reveal(key)
        assert SECRET not in str(refusal.value)
    file.unlink()
    with pytest.raises(VaultError):
        keys.reveal(key)


def test_without_its_entry_it_is_not_used_and_can_be_deleted(file, workspace, bob, ada, client_for, settings):
    offer_environment_keys()
    key = ApiKey.objects.get()
    settings.PROVIDER_KEYS = {}
    assert keys.resolve(workspace, bob, "aimlapi") is None
    client = client_for(ada)
    assert ">not set<" in client.get("/w/acme/keys/").content.decode()
    client.post(f"/w/acme/keys/{key.code}/delete/")
    assert not ApiKey.objects.exists()


def test_it_is_offered_to_the_named_workspaces_for_providers_of_the_product(file, workspace, carol, settings):
    theirs = carol.memberships.get().workspace
    settings.PROVIDER_KEY_WORKSPACES = [theirs.slug, "gone"]
    Provider.objects.create(code="house", name="House", workspace=theirs, base_url="https://example.org/v1")
    settings.PROVIDER_KEYS = {**settings.PROVIDER_KEYS, "house": KeySource("env", "X")}
    assert offer_environment_keys() == [
        "PROVIDER_KEY_WORKSPACES names gone, which is no workspace.",
        "PROVIDER_KEYS names house, which is no provider of the product.",
    ]
    assert [key.workspace for key in ApiKey.objects.all()] == [theirs]


def test_the_start_checks_that_each_can_be_read(file, settings):
    of_file = settings.PROVIDER_KEYS
    settings.PROVIDER_KEYS = {**of_file, "other": KeySource("env", "A_KEY", f" {SECRET} ")}
    assert check_provider_keys(None) == []
    file.write_text("no key at all", encoding="utf-8")
    settings.PROVIDER_KEYS = {**of_file, "other": KeySource("env", "A_KEY")}
    found = check_provider_keys(None)
    assert [error.id for error in found] == ["playground.E014"] * 2
    assert "no key at all" not in str(found)


def test_preparing_says_what_is_wrong(file, settings, capsys, monkeypatch):
    settings.PROVIDER_KEYS = {"elsewhere": settings.PROVIDER_KEYS["aimlapi"]}
    monkeypatch.setattr("chat.management.commands.prepare.call_command", lambda *words, **more: None)
    call_command("prepare")
    assert "PROVIDER_KEYS names elsewhere, which is no provider" in capsys.readouterr().err
    assert Workspace.objects.exists() and not ApiKey.objects.exists()
