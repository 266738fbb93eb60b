"""An identity provider for tests: django-allauth's own, as a program in a process of its own.

A test decides by :meth:`IdentityServer.says` what the provider says about a person. Its sign-in page has
a button for each of them.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.repository import ROOT
from tests.workers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT, SECRET = "playground", "a secret of the tests"


class IdentityServer:
    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def described(self, **other: Any) -> dict[str, Any]:
        """Return the provider as OIDC_PROVIDERS describes it."""
        return {
            "id": "corp",
            "name": "Corp",
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            **other,
        }

    def says(self, name: str, /, **claims: Any) -> None:
        """Set the claims of a person; "sub" is their name unless it is given."""
        self._script({"name": name, "claims": {"sub": name, **claims}})

    def tokens(self, name: str, /, **claims: Any) -> None:
        """Set claims of a person in place of those of the ID token; None leaves one out."""
        self._script({"name": name, "token": claims})

    def sends_back_to(self, *origins: str) -> None:
        self._script({"uris": [f"{origin}/sign-in/with/corp/callback/" for origin in origins]})

    def _script(self, what: dict[str, Any]) -> None:
        request = urllib.request.Request(f"{self.issuer}/script", json.dumps(what).encode())
        urllib.request.urlopen(request, timeout=120).close()

    def visit(self, address: str, name: str) -> str:
        """Follow a browser that is sent here and signs in as ``name``; return where it is sent back to."""
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), _StayHere(self.issuer)
        )
        opener.open(f"{self.issuer}/accounts/login/?as={name}", timeout=120).close()
        with opener.open(address, timeout=120) as answer:
            sent_to: str = answer.headers.get("Location", "")
            return sent_to


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the provider alone."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return (
            super().redirect_request(req, fp, code, msg, headers, newurl) if self._is_here(newurl) else None
        )

    def http_error_302(self, req, fp, code, msg, headers):
        return (
            super().http_error_302(req, fp, code, msg, headers) if self._is_here(headers["Location"]) else fp
        )

    def _is_here(self, address: str) -> bool:
        return address.startswith((self._issuer, "/"))


@contextmanager
def identity_server(folder: Path) -> Iterator[IdentityServer]:
    """Run the program until the end of the block."""
    port = free_port()
    with (folder / "provider.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.identity_provider", str(port), str(folder)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n", (folder / "provider.log").read_text()
            yield IdentityServer(port)
        finally:
            process.terminate()
            process.wait(timeout=120)
            assert process.stdout
            process.stdout.close()


# --- The program -----------------------------------------------------------------------------------------


def _serve(port: int, folder: str) -> None:
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    _set_up(folder)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    from allauth.idp.oidc.models import Client

    client = Client(id=CLIENT, name="Playground", skip_consent=True)
    client.set_secret(SECRET)
    client.set_scopes(["openid", "profile", "email"])
    client.save()

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Handler(WSGIRequestHandler):
        def address_string(self) -> str:
            return "browser"

    with make_server("127.0.0.1", port, get_wsgi_application(), Server, Handler) as server:
        print("ready", flush=True)
        server.serve_forever()


def _set_up(folder: str) -> None:
    import django
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.configure(
        SECRET_KEY="the provider's",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        # Cookies count for a host without its port, and the product is on this machine as well.
        SESSION_COOKIE_NAME="provider",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/provider.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        LOGIN_URL="/accounts/login/",
        IDP_OIDC_ADAPTER="tests.identity_provider_claims.ScriptedClaims",
        IDP_OIDC_PRIVATE_KEY=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )
    django.setup()
    from tests import identity_provider_claims

    globals()["urlpatterns"] = identity_provider_claims.urlpatterns


if __name__ == "__main__":
    # The settings name this module by its own name.
    from tests import identity_provider

    identity_provider._serve(int(sys.argv[1]), sys.argv[2])
