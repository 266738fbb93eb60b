"""Attacks on the team by a hostile person: planted sessions, links that lead away, HTML in names."""

from __future__ import annotations

import html
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.conf import settings as project
from django.db import models, transaction
from django.db.models import Value
from django.test import Client

from accounts.flows.invite import invite
from accounts.flows.reset_password import make_reset_code
from accounts.mailed_codes import make_code
from accounts.models import Role
from tests.accounts.factors import code_of, enter_password, give_app
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.conftest import PASSWORD
from tests.test_access_matrix import MATRIX, library, objects, people, url_of  # noqa: F401

if TYPE_CHECKING:
    from accounts.models import User, Workspace

pytestmark = pytest.mark.django_db

NEW = {"name": "Dora", "email": "dora@example.com", "password": "an entirely new password"}
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "http:evil.example",
    "javascript:x",
)


def _with_a_password(client: Client, alice: User, workspace: Workspace, place: str) -> str:
    return enter_password(client, alice, next=place)


def _with_a_code(client: Client, alice: User, workspace: Workspace, place: str) -> str:
    secret = give_app(alice)
    enter_password(client, alice, next=place)
    return str(client.post("/sign-in/code/", {"code": code_of(secret), "next": place}).headers["Location"])


def _with_an_invitation(client: Client, alice: User, workspace: Workspace, place: str) -> str:
    _, token = invite(workspace, Role.MEMBER, "", 7, actor=alice)
    return str(client.post(f"/join/{token}/?next={place}", NEW | {"next": place}).headers["Location"])


def _with_a_reset_link(client: Client, alice: User, workspace: Workspace, place: str) -> str:
    link = f"/reset/{make_reset_code(alice)}/?next={place}"
    return str(client.post(link, NEW | {"next": place}).headers["Location"])


def _with_a_link_for_an_account(client: Client, alice: User, workspace: Workspace, place: str) -> str:
    link = f"/sign-up/{make_code('sign_up', NEW['email'])}/?next={place}"
    return str(client.post(link, NEW | {"next": place}).headers["Location"])


WAYS_IN = [
    _with_a_password,
    _with_a_code,
    _with_an_invitation,
    _with_a_reset_link,
    _with_a_link_for_an_account,
]


@pytest.fixture
def open_sign_up(settings):
    settings.SIGN_UP, settings.SIGN_UP_ROLE, settings.SIGN_UP_WORKSPACE = "OPEN", "MEMBER", ""


@pytest.mark.parametrize("sign_in", WAYS_IN)
def test_a_planted_session_is_not_signed_in_with_its_victim(open_sign_up, sign_in, alice, workspace):
    planted = import_module(project.SESSION_ENGINE).SessionStore()
    planted["planted"] = True
    planted.create()
    attacker, victim = Client(), Client()
    for client in (attacker, victim):
        client.cookies["sessionid"] = planted.session_key
        client.cookies["csrftoken"] = "p" * 32

    sign_in(victim, alice, workspace, "/")

    assert victim.get("/profile/").status_code == 200
    assert victim.cookies["sessionid"].value != planted.session_key
    assert victim.cookies["csrftoken"].value != "p" * 32
    assert attacker.get("/profile/").status_code == 302


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("sign_in", WAYS_IN)
def test_no_sign_in_leads_away(open_sign_up, sign_in, alice, workspace, place):
    assert sign_in(Client(), alice, workspace, place) in {"/", "/w/acme/"}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_other_page_leads_away(client_for, alice, workspace, place):
    client = client_for(alice)
    posts = {
        "/confirm/": {"password": PASSWORD},
        "/sign-out/": {},
        "/w/acme/keys/mine/demo/save/": {"secret": "sk-0123456789abcdef"},
    }
    for path, fields in posts.items():
        answer = client_for(alice).post(f"{path}?next={place}", {**fields, "next": place})
        assert "evil" not in answer.headers.get("Location", ""), path
        assert not answer.headers.get("Location", "").startswith("javascript"), path
    assert place not in html.unescape(client.get("/w/acme/keys/", {"next": place}).content.decode())


# Codes, addresses, versions and the like are not typed by people, and their columns are too narrow.
_SHORTEST = 60
_MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
_NOT_TYPED = {"password", "session_key", "session_data", "token", "token_hash", "code", "model_id", "slug"}
_NOT_TYPED |= {
    "content",
    "schema",
    "provider_code",
    "base_url",
    "schema_digest",
    "action",
    "link",
    "time_zone",
    "media_type",
}


def _name_everything(markup: str) -> int:
    """Write HTML before every text that people or providers may have typed; return the number of columns."""
    named = 0
    for app in ("accounts", "playground", "chat"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if (
                    not isinstance(field, models.CharField | models.TextField)
                    or field.choices
                    or field.unique
                ):
                    continue
                if field.name in _NOT_TYPED or (field.max_length or _SHORTEST) < _SHORTEST:
                    continue
                values = {field.name: Value(markup[: field.max_length])}
                named += bool(model._base_manager.exclude(**{field.name: ""}).update(**values))
    return named


def test_html_in_names_is_text_on_every_page(objects, people, client_for):  # noqa: F811
    client = client_for(people["owner"])
    client.raise_request_exception = False
    assert _name_everything(_MARKUP) > 30

    shown = 0
    for name, row in MATRIX.items():
        if row.method != "get":
            continue
        with transaction.atomic():
            page = client.get(url_of(name, objects), headers={"HX-Request": "false"})
            transaction.set_rollback(True)
        assert page.status_code < 500, name
        if not page.headers.get("Content-Type", "").startswith("text/html"):
            continue
        text = page.getvalue().decode()
        assert "<script>alert" not in text and "<img src=x" not in text, name
        shown += "&lt;script&gt;alert" in text
    assert shown > 20
