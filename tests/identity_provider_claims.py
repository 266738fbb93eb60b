"""The part of the identity provider for tests that imports its models: see tests.identity_provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.apps import apps
from django.contrib.auth import login
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import include, path
from django.utils.html import format_html_join

if TYPE_CHECKING:
    from django.http import HttpRequest

# Claims by the names of the people.
PEOPLE: dict[str, dict[str, Any]] = {}
# Claims that replace those of the ID tokens of these people.
TOKENS: dict[str, dict[str, Any]] = {}


def _people() -> Any:
    # In this program it is Django's own model, of which mypy does not know.
    return apps.get_app_config("auth").get_model("User")._default_manager


class ScriptedClaims(DefaultOIDCAdapter):  # type: ignore[misc]
    def get_user_sub(self, client: Any, user: Any) -> str:
        return str(PEOPLE[user.username]["sub"])

    def get_user_by_sub(self, client: Any, sub: str) -> Any:
        name = next(name for name, claims in PEOPLE.items() if claims["sub"] == sub)
        return _people().get(username=name)

    def get_claims(self, purpose: str, user: Any, client: Any, scopes: Any, **other: Any) -> dict[str, Any]:
        return dict(PEOPLE[user.username])

    def populate_id_token(self, id_token: dict[str, Any], client: Any, scopes: Any, **other: Any) -> None:
        name = next(name for name, claims in PEOPLE.items() if claims["sub"] == id_token["sub"])
        id_token |= TOKENS.get(name, {})
        for absent in [claim for claim, value in id_token.items() if value is None]:
            del id_token[absent]


def script(request: HttpRequest) -> HttpResponse:
    from allauth.idp.oidc.models import Client

    what = json.loads(request.body)
    if "uris" in what:
        client = Client.objects.get()
        client.set_redirect_uris(what["uris"])
        client.save()
    if "name" in what:
        _people().get_or_create(username=what["name"])
    if "claims" in what:
        PEOPLE[what["name"]] = what["claims"]
        TOKENS.pop(what["name"], None)
    if "token" in what:
        TOKENS[what["name"]] = what["token"]
    return HttpResponse()


def sign_in(request: HttpRequest) -> HttpResponse:
    next_page = request.GET.get("next", "")
    if name := request.GET.get("as") or request.POST.get("as"):
        user = _people().get(username=name)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(next_page) if next_page else HttpResponse()
    buttons = format_html_join("", "<button name=as value={0}>{0}</button>", ((name,) for name in PEOPLE))
    return HttpResponse(f"<!doctype html><title>Corp</title><form method=post>{buttons}</form>")


urlpatterns = [
    path("script", script),
    path("accounts/login/", sign_in, name="account_login"),
    path("", include("allauth.idp.urls")),
]
