from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.core.management import call_command

from playground.static_files import HashedNames

SCRIPT = "django_htmx/htmx-2.min.js"
# A busy machine answers late; only an answer that never comes is a failure.
PATIENCE = 30
FONT = "fonts/STIXTwoMath-Regular.ttf"


@pytest.fixture(autouse=True)
def as_served(settings):
    """Other tests find a static file when they request it, which the server does not do."""
    settings.WHITENOISE_AUTOREFRESH = False


async def fetch(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Request a path through the whole stack, as the server does."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost:8000"), *((k.encode(), v.encode()) for k, v in headers.items())],
    }
    communicator = ApplicationCommunicator(get_asgi_application(), scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    start = await communicator.receive_output(timeout=PATIENCE)
    body = b""
    while True:
        part = await communicator.receive_output(timeout=PATIENCE)
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    await communicator.wait()
    return start["status"], {k.decode().lower(): v.decode() for k, v in start["headers"]}, body


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    """Collect the static files as ``prepare`` does, for a server that starts with them."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "playground.static_files.HashedNames"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    # A server reads the list of names once, at its start.
    settings.STORAGES = {**settings.STORAGES}
    return tmp_path


async def test_it_serves_a_checkout_as_it_is():
    # A warning, which the suite makes an error, would tell of a synchronous stream.
    status, headers, body = await fetch(f"/static/{SCRIPT}")
    assert status == 200
    assert headers["content-type"].startswith("text/javascript")
    assert int(headers["content-length"]) == len(body) > 10_000
    assert "access-control-allow-origin" not in headers


async def test_the_font_of_formulas_comes_from_its_package_alone():
    status, headers, body = await fetch(f"/static/{FONT}")
    assert (status, headers["content-type"]) == (200, "font/ttf")
    assert body.startswith(b"\x00\x01\x00\x00")
    for other in ("__init__.py", "../config.py", "__pycache__/__init__.cpython-311.pyc"):
        assert (await fetch(f"/static/fonts/{other}"))[0] == 404


async def test_browsers_keep_the_font_and_get_it_compressed(collected):
    name = HashedNames().url(FONT)
    assert name != f"/static/{FONT}"
    sheet = next((collected / "css").glob("formulas.*.css")).read_text(encoding="utf-8")
    assert name.rpartition("/")[2] in sheet
    status, headers, body = await fetch(name, **{"accept-encoding": "gzip"})
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 900_000


async def test_it_answers_that_nothing_changed():
    _, headers, _ = await fetch(f"/static/{SCRIPT}")
    status, again, body = await fetch(f"/static/{SCRIPT}", **{"if-none-match": headers["etag"]})
    assert (status, body) == (304, b"")
    assert "content-type" not in again


async def test_it_answers_a_range():
    status, headers, body = await fetch(f"/static/{SCRIPT}", range="bytes=0-99")
    assert (status, len(body)) == (206, 100)
    assert headers["content-range"].startswith("bytes 0-99/")


async def test_it_leaves_everything_outside_alone():
    for path in ("/static/../manage.py", "/static/%2e%2e/manage.py", "/static/nothing.css"):
        assert (await fetch(path))[0] == 404


def test_names_carry_no_hash_before_anything_is_collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    assert HashedNames().url(SCRIPT) == f"/static/{SCRIPT}"


def test_names_carry_a_hash_afterwards(collected):
    names = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    assert HashedNames().url(SCRIPT) == f"/static/{names[SCRIPT]}" != f"/static/{SCRIPT}"


def test_a_file_that_came_later_keeps_its_name(collected):
    assert HashedNames().url("css/later.css") == "/static/css/later.css"


def test_a_page_loads_one_script_and_one_sheet_with_all_their_parts(collected):
    names = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    script = (collected / names["js/pages/chat.js"]).read_text(encoding="utf-8")
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "const js$shell$panes = (() => {" in script
    sheet = (collected / names["css/playground.css"]).read_text(encoding="utf-8")
    assert "@import" not in sheet
    assert ".sidebar" in sheet
    # Addresses in it name what exists, by its hash.
    addresses = re.findall(r'url\("(.+?)"\)', sheet)
    assert addresses and all((collected / "css" / each).resolve().exists() for each in addresses)
    assert all(re.search(r"\.[0-9a-f]{12}\.\w+$", each) for each in addresses)
    # The parts of a script have no names of their own.
    assert [name for name in names if name.startswith("js/shell/")] == []
    assert "js/attachments/recorder_worklet.js" in names


async def test_browsers_keep_a_hashed_file(collected):
    status, headers, _ = await fetch(HashedNames().url(SCRIPT), **{"accept-encoding": "gzip"})
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
