from __future__ import annotations

import base64
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts.exceptions import KeyRingError, VaultError
from accounts.vault import Place, read_ring

OLD, NEW = "old:" + "o" * 40, "new:" + "n" * 40
HERE = Place(table="api_key", row="1", owner="7/8", field="token")


def test_it_opens_what_it_sealed():
    vault = read_ring(secrets.token_urlsafe(48))

    token = vault.seal("sk-1234 ü", HERE)

    assert "sk-1234" not in token
    assert vault.open(token, HERE) == "sk-1234 ü"


# Tokens as installations store them, each sealed by the version that introduced its format. A test that
# fails here means that every stored key would be lost: give the new format a number of its own.
FIXED_TOKENS = [
    (OLD, HERE, "v1.old.EZUBBPLZrqnrK5UgDlbYHitq3dN-HKgCUbeo3J3LDrWQy5PffM8=", "sk-1234 ü"),
    (
        "p" * 48,
        HERE,
        "v1.1.X0d88UGjUWBNZR6NPaZR69hkukTCK7jzlPocsaFO0_T1AjTi8Sq84GOYpkswBblltQ1_yA==",
        "sk-of-a-ring-without-ids",
    ),
]


@pytest.mark.parametrize(("ring", "place", "token", "secret"), FIXED_TOKENS)
def test_a_stored_token_opens_for_ever(ring, place, token, secret):
    assert read_ring(ring).open(token, place) == secret
    assert read_ring(f"{NEW},{ring if ':' in ring else f'1:{ring}'}").open(token, place) == secret


def test_a_token_is_what_its_format_says():
    """A nonce of 96 bits, the text, a tag of 128 bits, under a derived key and bound to its place."""
    version, key_id, text = read_ring(OLD).seal("sk-1234", HERE).split(".")
    sealed = base64.urlsafe_b64decode(text)
    key = HKDF(SHA256(), 32, salt=None, info=b"vault").derive(b"o" * 40)

    assert (version, key_id, len(sealed)) == ("v1", "old", 12 + len("sk-1234") + 16)
    assert AESGCM(key).decrypt(sealed[:12], sealed[12:], b"api_key:1:7/8:token:v1") == b"sk-1234"


@pytest.mark.parametrize("length", [31, 32])
def test_a_key_has_at_least_32_characters(length):
    if length < 32:
        with pytest.raises(KeyRingError, match="at least 32 characters"):
            read_ring("x" * length)
    else:
        assert read_ring("x" * length).current_key_id == "1"


@pytest.mark.parametrize(
    ("key_id", "is_one"), [("i", True), ("i" * 20, True), ("i" * 21, False), ("", False)]
)
def test_the_id_of_a_key_has_1_to_20_characters(key_id, is_one):
    ring = f"{key_id}:{'x' * 40}"
    if is_one:
        assert read_ring(ring).current_key_id == key_id
    else:
        with pytest.raises(KeyRingError):
            read_ring(ring)


def test_it_never_seals_the_same_twice():
    vault = read_ring(OLD)

    assert vault.seal("sk-1234", HERE) != vault.seal("sk-1234", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("other_table", "1", "7/8", "token"),
        Place("api_key", "2", "7/8", "token"),
        Place("api_key", "1", "7/9", "token"),
        Place("api_key", "1", "7/8", "other"),
    ],
)
def test_a_token_opens_nowhere_else(elsewhere):
    vault = read_ring(OLD)

    with pytest.raises(VaultError):
        vault.open(vault.seal("sk-1234", HERE), elsewhere)


def test_an_altered_token_does_not_open():
    vault = read_ring(OLD)
    token = vault.seal("sk-1234", HERE)
    flipped = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]

    with pytest.raises(VaultError):
        vault.open(flipped, HERE)


@pytest.mark.parametrize("inserted", ["*", "\n", " ", "+", "/", "==", "é"])
def test_characters_that_are_no_base64_are_not_skipped(inserted):
    vault = read_ring(OLD)
    token = vault.seal("sk-1234", HERE)

    with pytest.raises(VaultError):
        vault.open(token[:20] + inserted + token[20:], HERE)


@pytest.mark.parametrize(
    "stored", ["", "sk-plain", "v1.old.", "v1.old.AAAA", "v1.old.*", "v2.old.AAAA", "a.b.c.d"]
)
def test_what_is_no_token_is_an_error_and_never_comes_back_as_it_is(stored):
    with pytest.raises(VaultError):
        read_ring(OLD).open(stored, HERE)


def test_a_new_key_in_front_seals_and_the_old_one_still_opens():
    before, after = read_ring(OLD), read_ring(f"{NEW},{OLD}")
    token = before.seal("sk-1234", HERE)

    assert after.open(token, HERE) == "sk-1234"
    assert after.seal("sk-1234", HERE).startswith("v1.new.")


def test_without_its_key_a_token_stays_shut():
    token = read_ring(OLD).seal("sk-1234", HERE)

    with pytest.raises(VaultError, match="no key 'old'"):
        read_ring(NEW).open(token, HERE)


@pytest.mark.parametrize(
    "ring", ["", "short", f"{OLD},", f"{OLD},{OLD}", "bad id:" + "x" * 40, ":" + "x" * 40]
)
def test_it_refuses_a_ring_without_repeating_it(ring):
    with pytest.raises(KeyRingError) as refusal:
        read_ring(ring)

    assert "xxxx" not in str(refusal.value)
    assert "oooo" not in str(refusal.value)


def test_it_does_not_show_its_keys():
    assert "oooo" not in repr(read_ring(OLD))
    assert "_keys" not in repr(read_ring(OLD))
