"""The rotation of the vault's key: all secrets, whatever stops it, with a proof."""

from __future__ import annotations

import re
import signal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import keys
from accounts.flows import rotate_vault_key
from accounts.flows.replace_key import replace_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey
from accounts.vault import Place
from tests.accounts.processes import start
from tests.repository import ROOT

pytestmark = pytest.mark.django_db
OLD, NEW = "old:" + "o1" * 20, "New:" + "n2" * 20
BOTH = f"{NEW},{OLD}"
SECRET = "sk-canary-0123456789abcdef"


@pytest.fixture
def stored(workspace, alice, settings) -> list[str]:
    """Store seven keys under the old key; return the secrets."""
    settings.VAULT_KEYS = OLD
    secrets = [f"{SECRET}-{number}" for number in range(7)]
    for number, secret in enumerate(secrets):
        save_key(workspace, f"provider-{number}", secret, member=None, actor=alice)
    settings.VAULT_KEYS = BOTH
    return secrets


def rotate(*words: str) -> str:
    out = StringIO()
    call_command("rotate_vault_key", *words, stdout=out, stderr=out)
    return out.getvalue()


def revealed() -> list[str]:
    return [keys.reveal(key) for key in ApiKey.objects.order_by("pk")]


def test_it_seals_all_secrets_with_the_first_key_and_proves_it(stored, settings, monkeypatch):
    monkeypatch.setattr(rotate_vault_key, "PORTION", 3)
    with pytest.raises(CommandError, match="7 secrets are not under key New"):
        rotate("--check")
    assert rotate_vault_key.secrets_by_key() == {"old": 7}, "a check changes nothing"

    said = rotate()

    assert re.findall(r"API keys: (\d of \d)", said) == ["3 of 7", "6 of 7", "7 of 7"]
    assert "Under key New: 7\nUnder key old: 0\n" in said
    assert "no longer needs old" in said
    assert SECRET not in said
    settings.VAULT_KEYS = NEW
    assert revealed() == stored
    assert "Under key New: 7" in rotate("--check")


def test_a_secret_that_cannot_be_decrypted_stays_and_is_named(stored):
    first, second = ApiKey.objects.order_by("pk")[:2]
    ApiKey.objects.filter(pk=second.pk).update(token=first.token)
    ApiKey.objects.filter(pk=first.pk).update(token="no token")
    out = StringIO()

    with pytest.raises(CommandError, match="2 secrets are not under key New"):
        call_command("rotate_vault_key", stdout=out, stderr=out)

    assert f"row {first.pk} cannot" in out.getvalue() and f"row {second.pk} cannot" in out.getvalue()
    assert rotate_vault_key.secrets_by_key() == {"New": 5, "old": 1, "": 1}


def test_a_key_that_is_replaced_meanwhile_is_not_overwritten(stored, workspace, alice, monkeypatch):
    seal_again = rotate_vault_key._seal_again
    place_of = keys.place_of
    column = rotate_vault_key.SEALED[0]
    replaced: list[int] = []

    def replace_first(key: ApiKey) -> Place:
        if not replaced:
            replaced.append(key.pk)
            replace_key(key, f"{SECRET}-newer", actor=alice)
        return place_of(key)

    changed = rotate_vault_key.SealedColumn(column.label, column.model, column.name, replace_first)
    assert seal_again(changed, list(ApiKey.objects.values_list("pk", flat=True))) == []
    assert keys.reveal(ApiKey.objects.get(pk=replaced[0])) == f"{SECRET}-newer"
    assert rotate_vault_key.secrets_by_key() == {"New": 7}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("killed_at", [1, 5])
def test_it_goes_on_after_it_was_killed(killed_at, stored, tmp_path, settings):
    variables = {"VAULT_KEYS": BOTH, "data": tmp_path}
    killed = start("tests.accounts.rotation_process", str(killed_at), **variables)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    # Whole portions of three are done, and nothing is in between.
    done = (killed_at - 1) // 3 * 3
    assert rotate_vault_key.secrets_by_key() == {"old": 7 - done} | ({"New": done} if done else {})
    assert revealed() == stored

    resumed = start("tests.accounts.rotation_process", "0", **variables)
    said, _ = resumed.communicate()

    assert resumed.returncode == 0
    assert "Under key New: 7\nUnder key old: 0\n" in said
    settings.VAULT_KEYS = NEW
    assert revealed() == stored


def test_no_other_module_seals_secrets():
    """A module that seals secrets needs a row in ``SEALED``, or its secrets would stay under the old key."""
    sealing = {
        str(path.relative_to(ROOT))
        for app in ("accounts", "playground", "chat")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\.seal\(", path.read_text(encoding="utf-8"))
        and "vault" in path.read_text(encoding="utf-8")
    }
    ours = {"accounts/keys.py", "accounts/factor_secrets.py"}
    assert sealing == {*ours, "accounts/flows/rotate_vault_key.py"}
