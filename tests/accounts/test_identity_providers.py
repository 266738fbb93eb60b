"""The descriptions of providers in OIDC_PROVIDERS, and the consequences of claims."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.identity_providers import ROLES, IdentityProvider, domain_of
from accounts.identity_settings import read_identity_providers
from accounts.models import Role

CORP = {"id": "corp", "name": "Corp", "issuer": "https://id.example.com/", "client_id": "c"}


def read(*described) -> tuple[IdentityProvider, ...]:
    return read_identity_providers("OIDC_PROVIDERS", json.dumps(described))


def test_the_roles_are_those_of_the_product():
    assert list(ROLES) == Role.values


def test_a_provider_is_read_with_its_secret_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("hidden\n")
    [corp] = read({**CORP, "client_secret_file": str(tmp_path / "secret"), "domains": ["Bücher.Example"]})

    assert (corp.code, corp.issuer, corp.client_secret) == ("corp", "https://id.example.com", "hidden")
    assert corp.lets_join("ada@xn--bcher-kva.example", frozenset())
    assert "hidden" not in repr(corp)
    assert read_identity_providers("OIDC_PROVIDERS", "") == ()


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"id": "Corp"}, "id may have small letters"),
        ({"id": "a/b"}, "id may have small letters"),
        ({"issuer": "http://id.example.com"}, "issuer must begin with https://"),
        ({"issuer": "https://user:secret@id.example.com"}, "issuer must begin with https://"),
        ({"issuer": "https://"}, "issuer must begin with https://"),
        ({"client_id": ""}, "needs 'client_id'"),
        ({"client_secret": 7}, "client_secret must be a text"),
        ({"client_secret_file": "/nowhere"}, "client_secret_file cannot be read"),
        ({"client_secret": "hidden", "client_secret_file": "/nowhere"}, "has both"),
        ({"domains": "example.com"}, "domains must be a list"),
        ({"domains": ["*.example.com"]}, "must have domains like example.com"),
        ({"domains": ["ada@example.com"]}, "must have domains like example.com"),
        ({"role": "boss"}, "role must be one of owner, admin"),
        ({"roles": {"a": "boss"}}, "roles.a must be one of owner, admin"),
        ({"groups": ["a"]}, "groups must be an object"),
        ({"groups": {"a": "x" * 61}}, "more than 60 characters"),
        ({"domain": ["example.com"]}, "'domain', which is not a property"),
    ],
)
def test_what_cannot_be_used_stops_the_start(described, words):
    with pytest.raises(ImproperlyConfigured) as raised:
        read({**CORP, **described})
    said = str(raised.value)
    assert words in said and "hidden" not in said and "secret@" not in said


@pytest.mark.parametrize("raw", ["{", "{}", "[1]", '["corp"]', json.dumps([CORP, CORP])])
def test_another_shape_stops_the_start(raw):
    with pytest.raises(ImproperlyConfigured, match=r"^OIDC_PROVIDERS"):
        read_identity_providers("OIDC_PROVIDERS", raw)


@pytest.mark.parametrize(
    ("claims", "values"),
    [
        ({"groups": ["a", "b"]}, {"a", "b"}),
        ({"groups": "a b"}, {"a b"}),
        ({"groups": [1, True, None, {"x": 1}, ["nested"]]}, {"1", "true"}),
        ({"realm_access": {"roles": ["r"]}}, {"r"}),
        ({"realm_access": "roles"}, set()),
        ({"https://corp.example/roles": ["u"]}, {"u"}),
        ({"other": ["a"]}, set()),
    ],
)
def test_the_values_of_the_named_claims_count(claims, values):
    [corp] = read({**CORP, "claims": ["groups", "realm_access.roles", "https://corp.example/roles"]})
    assert corp.values_of(claims) == values


@pytest.mark.parametrize(
    ("address", "values", "joins"),
    [
        ("a@example.com", [], True),
        ("a@EXAMPLE.com", [], True),
        ("a@sub.example.com", [], False),
        ("a@example.com.evil.test", [], False),
        ("a@evil.test", ["chat"], True),
        ("a@evil.test", ["Chat"], False),
        ("example.com", [], False),
        ("", [], False),
    ],
)
def test_people_join_by_their_domain_or_by_a_value(address, values, joins):
    [corp] = read({**CORP, "domains": ["example.com"], "join": ["chat"]})
    assert corp.lets_join(address, frozenset(values)) is joins
    [strict] = read(CORP)
    assert not strict.lets_join(address, frozenset(values)), "without rules nobody joins"


@pytest.mark.parametrize(
    ("values", "role"),
    [([], "viewer"), (["staff"], "member"), (["staff", "bosses"], "admin"), (["root", "staff"], "owner")],
)
def test_the_highest_role_of_the_values_counts(values, role):
    roles = {"staff": "member", "bosses": "admin", "root": "owner"}
    [corp] = read({**CORP, "roles": roles, "role": "viewer"})
    assert corp.role_for(frozenset(values)) == role
    assert read(CORP)[0].role_for(frozenset(values)) is None


def test_a_group_is_left_only_if_none_of_its_values_holds():
    [corp] = read({**CORP, "groups": {"a": "One", "b": "One", "c": "Two"}})
    assert corp.groups_for(frozenset({"b", "x"})) == {"One": True, "Two": False}


@pytest.mark.parametrize("address", ["a@..", "a@" + "x" * 70 + ".com", "a", ""])
def test_a_broken_address_has_no_domain(address):
    assert domain_of(address) == ""
