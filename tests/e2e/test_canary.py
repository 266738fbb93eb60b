"""A search for secrets everywhere, after they were stored, configured and used."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import threading
import zipfile
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chat.archive.container import ArchiveReader
from tests.e2e.canary import KEY, MARK, Echo, Witness, found_in, wait_for_the_end
from tests.e2e.test_killed_server import eventually
from tests.installation import EMAIL, PASSWORD, Installation
from tests.scripted_smtp import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = ("keys", "people", "limits", "providers", "usage", "usage/all", "")
WORKSPACE = "/w/acme-research/"
PASSPHRASE = "seven quiet otters"
# Secrets that the server is given, beside the keys that people store.
OF_VARIABLE, OF_FILE, OF_MAIL = (f"{place}{MARK}-0123456789abcdef" for place in ("var", "file", "mail"))
# Providers whose key the server has, and which repeat it in every answer.
ADD_PROVIDERS = """
from playground.models import Endpoint, Provider, UpstreamModel
like = UpstreamModel.objects.get(provider__code="scripted", model_id="demo/plain")
[endpoint] = like.endpoints.filter(kind="chat/completions")
for code in ("by-variable", "by-file"):
    provider = Provider.objects.create(code=code, name=code, needs_key=True, base_url="%s")
    like.pk = endpoint.pk = None
    like.provider, like.position, like.name = provider, like.position + 1, code
    like.save()
    endpoint.model = like
    endpoint.save()
"""
# Pages that the walk has to reach, whatever else links lead to.
LOOKED_AT = {
    *(
        f"accounts:{page}"
        for page in ("audit", "export_audit", "groups", "group", "invitations", "limits", "mail")
    ),
    *(f"accounts:{page}" for page in ("notices", "people", "profile", "usage", "usage_all", "export_usage")),
    *(
        f"chat:{page}"
        for page in ("code", "comparison", "conversation", "exchanges", "exchange_file", "export")
    ),
    *(
        f"chat:{page}"
        for page in ("experiment", "export_prompt", "export_results", "export_cases", "prompts")
    ),
    *(
        f"chat:{page}"
        for page in ("public_links", "publish", "raw_answer", "request_file", "retention", "share")
    ),
    *(f"chat:{page}" for page in ("simulate", "table", "tools", "workspace")),
    *(f"playground:{page}" for page in ("catalogue", "key", "keys", "key_dialog", "model", "models")),
    *(f"playground:{page}" for page in ("provider", "providers", "add_provider", "unpriced")),
    *("mfa_index", "mfa_activate_totp"),
}
ENDPOINT = "Endpoint.objects.get(model__model_id='demo/plain', model__provider__code='{}').pk"
COLUMNS = "[str(each.code) for each in Conversation.objects.get(code='{}').columns.all()]"
SET_COLUMN = (
    "[Conversation.objects.filter(code='{}').update(model=each.model, endpoint_kind=each.kind) "
    "for each in Endpoint.objects.filter(pk={})]"
)
CODES = "[str(code) for code in {}.objects.values_list('code', flat=True)]"
LAST = "str({}.objects.latest('pk').code)"


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    Echo.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address_of(server: ThreadingHTTPServer) -> str:
    host, port = server.server_address[:2]
    return f"http://{host!s}:{port}"


def look_at_what_went_over_the_wire(visitor: Witness) -> None:
    """Open the pages of kept exchanges, which may show the last four letters of the key."""
    for code in visitor.installation.query(CODES.format("Run")):
        page = visitor.http.get(f"/r/{code}/exchanges/").text
        assert f"Bearer …{KEY[-4:]}" in page
        for file in ("raw", "file"):
            assert visitor.http.get(f"/r/{code}/exchanges/1/{file}/").status_code == 200


def dump(folder: Path) -> str:
    connection = sqlite3.connect(folder / "playground.sqlite3")
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def kept_by(installation: Installation) -> dict[str, str]:
    """Return the log, the dump of the database and all files of an installation that has stopped."""
    folder = Path(installation.environment["DATA_DIR"])
    files = {str(path): path.read_text("latin1") for path in folder.rglob("*") if path.is_file()}
    return {**files, "log": installation.log.read_text("utf-8"), "database": dump(folder)}


def test_it_would_be_found():
    encoded = [base64.b64encode(b"x" * shift + KEY.encode()).decode() for shift in range(3)]
    for text in (KEY, f"X'{KEY.encode().hex().upper()}'", *encoded):
        assert found_in({"here": text}) == ["here"], text
    assert found_in({"here": "a session", "there": "no"}, "session") == ["here"]


def test_a_key_is_nowhere_but_in_the_call(installation: Installation, upstream, echo):
    visitor = Witness(installation)
    visitor.sign_in()
    visitor.store_key(f"{KEY} with spaces", status=200)
    visitor.store_key(KEY)

    for prompt, model in (
        ("Tell me about rivers", "demo/plain"),
        ("unauthorised", "demo/failing"),
        ("rate limited", "demo/failing"),
        ("html", "demo/failing"),
        ("cut", "demo/failing"),
    ):
        visitor.watch(visitor.start(prompt, model))
    sent = [dict(request.headers).get("authorization", "") for request in upstream.requests]
    assert f"Bearer {KEY}" in sent, "the run did not use the stored key, so this test proves nothing"

    moved = f"Provider.objects.filter(code='scripted').update(base_url='{address_of(echo)}/v1')"
    assert installation.query(moved) == 1
    # The same key again is refused.
    visitor.store_key(KEY, status=200)
    visitor.http.get(f"{WORKSPACE}keys/")
    refused = visitor.start("Tell me about rivers", "demo/plain")
    visitor.watch(refused)
    assert f"Bearer {KEY}" in Echo.seen
    wait_for_the_end(installation)

    visitor.http.get(refused)
    look_at_what_went_over_the_wire(visitor)
    for page in PAGES:
        visitor.http.get(f"{WORKSPACE}{page}/".replace("//", "/"))
    visitor.http.get("/nothing/")
    visitor.http.close()
    installation.stop()
    assert found_in({**visitor.heard, **kept_by(installation)}, visitor.session) == []


@pytest.fixture
def smtp() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp().running() as server:
        yield server


@pytest.fixture
def secretive(tmp_path, tmp_path_factory, upstream, prepared, smtp, echo) -> Iterator[Installation]:
    """An installation to which every secret that it can be given was given."""
    file = tmp_path_factory.mktemp("secrets") / "key"
    file.write_text(OF_FILE)
    installation = Installation(
        tmp_path,
        SECRET_KEY=f"session-{MARK}-9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        VAULT_KEYS=f"new:vault-{MARK}-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        PROVIDER_KEYS=f"by-variable=env:KEY_OF_ONE,by-file=file:{file}",
        KEY_OF_ONE=OF_VARIABLE,
        EMAIL_URL=f"smtp://mailer:{OF_MAIL}@127.0.0.1:{smtp.port}",
        EMAIL_FROM="chat@example.org",
        AUDIT_TO_LOG="true",
    )
    installation.copy(prepared)
    installation.manage("shell", "-v", "0", "-c", ADD_PROVIDERS % f"{address_of(echo)}/v1")
    installation.prepare()
    installation.start()
    yield installation
    installation.stop()


def test_no_secret_is_anywhere(secretive: Installation, upstream, echo, smtp, tmp_path_factory):
    visitor = Witness(secretive)
    visitor.sign_in()
    visitor.store_key(KEY)
    visitor.store_key(f"team{KEY}", "workspace")
    ask(visitor, upstream)
    table = compare_and_experiment(visitor)
    publish_and_share(visitor)
    let_it_fail(visitor, echo)
    mail(visitor, smtp)
    walk(visitor, table)

    files = {**take_out(visitor, tmp_path_factory.mktemp("archives")), **mails_of(smtp)}
    session = visitor.session
    visitor.http.close()
    secretive.stop()
    kept = kept_by(secretive)
    assert '"action": "keys.save"' in kept["log"], "the audit log was not forwarded to the log"
    assert found_in({**visitor.heard, **files, **kept}, session) == []


def ask(visitor: Witness, upstream) -> None:
    """Send prompts with each kind of key, one of them in a temporary chat."""
    for model in ("by-variable", "by-file"):
        visitor.choose(model, ENDPOINT.format(model))
    visitor.watch(visitor.start("Who are you?", "by-variable"))
    visitor.watch(visitor.start("Who are you?", "by-file", temporary="on"))
    visitor.watch(visitor.start("Tell me about rivers", "demo/plain"))
    for key in (OF_VARIABLE, OF_FILE):
        assert f"Bearer {key}" in Echo.seen
    assert f"Bearer {KEY}" in [
        dict(request.headers).get("authorization", "") for request in upstream.requests
    ]


def compare_and_experiment(visitor: Witness) -> str:
    """Run a comparison and an experiment with a key that is stored and one that is not."""
    query = visitor.installation.query
    endpoints = [query(ENDPOINT.format(code)) for code in ("scripted", "by-variable")]
    entry = visitor.post(f"{WORKSPACE}new-comparison/").headers["location"]
    columns = query(COLUMNS.format(entry.split("/")[2]))
    for column, endpoint in zip(columns, endpoints, strict=True):
        assert query(SET_COLUMN.format(column, endpoint)) == [1]
    sent: dict[str, Any] = {"text": "Which one is better?", "idempotency_key": columns[0], "column": columns}
    visitor.post(f"{entry}send/", 200, **sent)

    table: str = visitor.post(f"{WORKSPACE}tables/new/", name="Rivers", columns="river").headers["location"]
    visitor.post(f"{table}load/", text="river\nRhine\nDanube")
    chosen: dict[str, Any] = {
        "text": "Describe {{river}}",
        "models": [
            *query(
                f"list(UpstreamModel.objects.filter(endpoints__in={endpoints}).values_list('pk', flat=True))"
            )
        ],
    }
    visitor.post(f"{table}experiments/new/", **chosen, repetitions="1", concurrency="4", cap_usd="1")
    eventually(lambda: query("Experiment.objects.get().state") == "finished", within=60)
    wait_for_the_end(visitor.installation)
    return table


def publish_and_share(visitor: Witness) -> None:
    """Make a public link and open it as nobody, share a conversation and a prompt, and import prompts."""
    path = visitor.start("Tell me about lakes", "demo/plain")
    visitor.watch(path)
    visitor.post(f"{WORKSPACE}public-links/allow/", allow="on")
    parts = ["models", "names", "system", "reasoning", "tools", "files"]
    asked = visitor.http.get(f"{path}publish/", params={"preview": "", "show": parts}).text
    seen = asked.partition('name="seen" value="')[2].partition('"')[0]
    visitor.post(f"{path}publish/make/", show=parts, days="7", seen=seen)
    page = visitor.http.get(f"{path}publish/").text
    link = page.partition('id="public-link">')[2].partition("<")[0].strip()
    opened = httpx.get(link)
    assert opened.status_code == 200 and "Tell me about lakes" in opened.text
    visitor.heard["public link"] = f"{opened.headers}\n{opened.text}"

    visitor.post(f"{path}share/everyone/", access="read")
    visitor.post(f"{WORKSPACE}groups/create/", name="Readers")
    visitor.post(f"{WORKSPACE}prompts/new/", name="Greeting", system="Greet {{name}}.")


def let_it_fail(visitor: Witness, echo: ThreadingHTTPServer) -> None:
    """Show the pages of errors, that of an error while a key is stored among them."""
    visitor.post(
        f"{WORKSPACE}prompts/import/",
        422,
        address=address_of(echo),
        public_key="pk-lf-1",
        secret_key=f"sk-lf-{KEY}",
    )
    assert any("Basic" in seen for seen in Echo.seen)
    for path, status in (("/nothing/", 404), (f"{WORKSPACE}keys/mine/scripted/save/", 405)):
        assert visitor.http.get(path).status_code == status
    assert visitor.http.get("/", headers={"Host": "other.example"}).status_code == 400
    forged = visitor.http.post(f"{WORKSPACE}keys/mine/scripted/save/", data={"secret": KEY})
    assert forged.status_code == 403
    rename = "__import__('django.db').db.connection.cursor().execute('ALTER TABLE {} RENAME TO {}') and 1"
    names = ["accounts_auditevent", "accounts_elsewhere"]
    visitor.installation.query(rename.format(*names))
    visitor.post(f"{WORKSPACE}keys/mine/scripted/save/", 500, secret=f"failing{KEY}")
    visitor.installation.query(rename.format(*reversed(names)))


def mail(visitor: Witness, smtp: ScriptedSmtp) -> None:
    """Send mails of several kinds through a server with a password."""
    chosen: dict[str, Any] = {"text": "bea@example.org", "role": "member", "days": "7", "confirmed": "true"}
    visitor.post(f"{WORKSPACE}people/invite/many/", **chosen)
    visitor.post("/forgotten/", 200, email=EMAIL)
    eventually(lambda: len(smtp.mails) >= 2, within=60)
    assert any(OF_MAIL in sign_in for sign_in in smtp.sign_ins)


def mails_of(smtp: ScriptedSmtp) -> dict[str, str]:
    return {f"mail {number}": mail.as_string() for number, mail in enumerate(smtp.mails)}


def walk(visitor: Witness, table: str) -> None:
    """Open everything that links lead to, and the exports."""
    query = visitor.installation.query
    paths = [f"/c/{code}/" for code in query(CODES.format("Conversation"))]
    runs = [f"/r/{code}/{page}/" for code in query(CODES.format("Run")) for page in ("exchanges", "code")]
    shares = [f"{path}{part}/" for path in paths for part in ("share", "menu", "publish")]
    keys = [f"{WORKSPACE}keys/{code}/" for code in query(CODES.format("ApiKey"))]
    prompt = f"{WORKSPACE}prompts/{query(LAST.format('Prompt'))}/export/"
    exports = [f"{path}export/?as={form}" for path in paths for form in ("markdown", "json", "jsonl")]
    exports += [f"{WORKSPACE}audit/export/?as={form}" for form in ("csv", "jsonl")]
    exports += [f"{prompt}?form=json", f"{table}export/", f"{table}experiments/1/export/"]
    names = visitor.walk(
        "/",
        WORKSPACE,
        f"{WORKSPACE}mail/",
        table,
        f"{table}experiments/1/",
        *paths,
        *runs,
        *keys,
        *shares,
        *exports,
    )
    assert sorted(LOOKED_AT - names) == []


def take_out(visitor: Witness, folder: Path) -> dict[str, str]:
    """Return the parts of the archives of the account and of the workspace."""
    visitor.post("/confirm/", password=PASSWORD)
    exported = visitor.http.get("/profile/export/", headers={"HX-Request": "false"})
    assert exported.status_code == 200, exported.headers
    account = zipfile.ZipFile(io.BytesIO(exported.content))
    parts = {f"account {name}": account.read(name).decode("latin1") for name in account.namelist()}
    assert any("Tell me about rivers" in part for part in parts.values())
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE)
    path = folder / "acme.archive"
    visitor.installation.manage(
        "export_workspace", "acme-research", str(path), "--passphrase-file", str(secret)
    )
    reader = ArchiveReader(path, PASSPHRASE)
    for number in range(1, reader.parts + 1):
        part = reader.part(number)
        parts[f"archive {number}"] = json.dumps(part.head) + part.content.decode("latin1")
    assert any("Tell me about rivers" in text for name, text in parts.items() if "archive" in name)
    return parts
