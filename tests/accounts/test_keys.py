from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import keys
from accounts.exceptions import KeyMalformed, KeyRefused, KeyRingError, VaultError
from accounts.flows.change_key import switch_key
from accounts.flows.delete_key import delete_key
from accounts.flows.replace_key import replace_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Limit

SECRET = "sk-canary-0123456789abcdef"

pytestmark = pytest.mark.django_db


def test_it_stores_no_readable_key(workspace, alice):
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)

    stored = ApiKey.objects.filter(pk=key.pk).values().get()
    assert SECRET not in str(stored)
    assert stored["last4"] == "cdef"
    assert SECRET not in f"{key} {key!r} {vars(key)}"
    assert keys.reveal(ApiKey.objects.get(pk=key.pk)) == SECRET


def test_another_secret_replaces_the_one_of_a_key_and_the_key_stays(workspace, alice, ada):
    first = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice, label="Ours")
    Limit.objects.create(workspace=workspace, api_key=first, unit="credits", period="day", amount=5)
    keys.mark_used(first)

    second = replace_key(first, f"  {SECRET}-2\n", actor=ada)

    key = ApiKey.objects.get()
    assert (key.pk, key.code, key.label) == (second.pk, first.code, "Ours") and second.pk == first.pk
    assert keys.reveal(key) == f"{SECRET}-2"
    assert (key.created_by, key.last_used_at) == (ada, None)
    assert key.replaced_at is not None
    assert key.limits.count() == 1


def test_the_same_key_or_name_is_not_stored_twice(workspace, alice, bob):
    save_key(workspace, "aimlapi", SECRET, member=None, actor=alice, label="Ours")
    with pytest.raises(KeyRefused) as refusal:
        save_key(workspace, "aimlapi", SECRET, member=None, actor=alice, label="Theirs")
    assert (refusal.value.field, refusal.value.text) == ("secret", "This key is stored already: Ours.")
    with pytest.raises(KeyRefused) as refusal:
        save_key(workspace, "aimlapi", f"{SECRET}-2", member=None, actor=alice, label="ours ")
    assert refusal.value.field == "label"
    # Another provider's and another person's keys are none of this.
    save_key(workspace, "other", SECRET, member=None, actor=alice, label="Ours")
    save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob, label="Ours")
    assert ApiKey.objects.count() == 3


def test_uses_are_noted_once_a_minute(workspace, alice, django_assert_num_queries):
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    keys.mark_used(key)
    found = keys.find(str(key.code))
    assert found is not None and found.last_used_at is not None
    with django_assert_num_queries(0):
        keys.mark_used(found)
    found.last_used_at -= timedelta(minutes=1)
    with django_assert_num_queries(1):
        keys.mark_used(found)


def test_a_disabled_key_is_not_found_for_a_run_that_was_opened_with_it(workspace, alice):
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    assert keys.find(str(key.code)) == key
    switch_key(key, is_on=False, actor=alice)
    assert keys.find(str(key.code)) is None and keys.resolve(workspace, alice, "aimlapi") is None
    switch_key(key, is_on=True, actor=alice)
    assert keys.resolve(workspace, alice, "aimlapi") == key


def test_an_own_key_comes_before_the_workspaces(workspace, alice, bob, carol):
    shared = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)

    assert keys.resolve(workspace, bob, "aimlapi") == own
    assert keys.resolve(workspace, alice, "aimlapi") == shared
    assert keys.resolve(workspace, None, "aimlapi") == shared
    assert keys.resolve(workspace, bob, "other") is None
    assert keys.resolve(carol.memberships.get().workspace, bob, "aimlapi") is None


def test_a_personal_key_serves_nobody_else(workspace, alice, bob):
    save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)

    assert keys.resolve(workspace, alice, "aimlapi") is None


def test_it_deletes_that_key_only(workspace, alice, bob):
    save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)

    assert delete_key(own, actor=bob)
    assert not delete_key(own, actor=bob)
    assert ApiKey.objects.get().member is None


def test_a_token_in_another_row_does_not_open(workspace, alice, bob):
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)
    shared = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    ApiKey.objects.filter(pk=shared.pk).update(token=own.token)

    with pytest.raises(VaultError):
        keys.reveal(ApiKey.objects.get(pk=shared.pk))


def test_a_token_moved_to_another_provider_does_not_open(workspace, alice):
    """The binding keeps somebody with write access to the database from sending a key to another server."""
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    key.provider_code = "elsewhere"

    with pytest.raises(VaultError):
        keys.reveal(key)


def test_it_fails_closed_without_a_key_ring(workspace, alice, settings):
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)
    settings.VAULT_KEYS = ""

    with pytest.raises(KeyRingError):
        keys.reveal(key)


@pytest.mark.parametrize("text", ["", "  \n", "sk 1234", "sk-1\r\nX-Evil: 1", "schlüssel", "x" * 1001])
def test_it_refuses_what_no_header_can_carry(workspace, alice, text):
    with pytest.raises(KeyMalformed) as refusal:
        save_key(workspace, "aimlapi", text, member=None, actor=alice)

    assert not text.strip() or text not in refusal.value.text
    assert not ApiKey.objects.exists()


def test_of_a_short_key_it_shows_nothing(workspace, alice):
    assert save_key(workspace, "vllm", "secret", member=None, actor=alice).last4 == ""
