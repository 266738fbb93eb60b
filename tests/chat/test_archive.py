"""Archives of workspaces: written under a passphrase, and imported where the workspace is not."""

from __future__ import annotations

import io
import itertools
import uuid
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from accounts import ledger
from accounts.models import ApiKey, AuditEvent, LedgerEntry, Membership, User, Workspace
from chat import files
from chat.archive.container import ArchiveError, ArchiveReader, ArchiveWriter
from chat.flows.export_workspace import export_workspace
from chat.flows.import_workspace import import_workspace
from chat.flows.reap_runs import reap_runs
from chat.media import Media
from chat.models import Conversation, Experiment, Message, Run, StoredFile, WorkspaceImport
from playground.models import ModelSetting, Provider, UpstreamModel
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.chat.archived import fill, told, wipe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "seven quiet otters"
CANARY = "sk-canary-4711"
PAPER = Media(MediaKind.FILE, "application/pdf", "paper.pdf", b"%PDF-1.7 \x00 readable words")


@pytest.fixture
def filled(workspace: Workspace, alice, bob, catalogue) -> Workspace:
    """A workspace with rows in every table that is archived, and a file that two messages share."""
    # The memberships of the fixtures are among the rows that follow.
    Membership.objects.filter(workspace=workspace).delete()
    fill(workspace, [alice, bob])
    file = files.keep(PAPER, workspace, uploader=alice, message=Message.objects.latest("pk"))
    files.again(file, Message.objects.earliest("pk"))
    ApiKey.objects.create(workspace=workspace, provider_code="demo", token=CANARY, last4="4711")
    return workspace


def archived(workspace: Workspace, folder: Path) -> Path:
    path = folder / "acme.archive"
    with path.open("wb") as file:
        list(export_workspace(workspace, file, PASSPHRASE))
    return path


def moved(workspace: Workspace) -> None:
    """Make this the other installation: it has neither the workspace nor its files."""
    for path in {file.path for file in StoredFile.objects.filter(workspace=workspace)}:
        files.storage().delete(path)
    wipe(workspace)


def arrived(slug: str = "acme") -> Workspace:
    """Return the imported workspace, without the event that tells of the import."""
    workspace = Workspace.objects.get(slug=slug)
    [event] = AuditEvent.objects.filter(workspace=workspace, action="exports.import_workspace")
    event.delete()
    return workspace


def test_a_workspace_comes_back_as_it_was(filled, bob, tmp_path):
    before = told(filled)
    assert [label for label, rows in before.items() if not rows] == []
    path = archived(filled, tmp_path)
    reader = ArchiveReader(path, PASSPHRASE)
    parts = [reader.part(number) for number in range(1, reader.parts + 1)]
    assert {label: len(rows) for label, rows in before.items()} == {
        label: count for label, count in reader.facts["counts"].items() if label != "files"
    }
    assert all(CANARY.encode() not in part.content for part in parts)
    for word in (b"readable", b"Acme", b"alice@example.org", CANARY.encode()):
        assert word not in path.read_bytes()
    moved(filled)
    # Alice has an account on the other installation, Bob has none.
    User.objects.filter(pk=bob.pk).update(email="another@example.org")

    *_, last = import_workspace(path, PASSPHRASE)

    assert last.done == last.total
    assert told(arrived()) == before
    assert not Conversation.objects.filter(kept_since=None).exists()
    new = User.objects.get(email="bob@example.org")
    assert new.is_active
    assert not new.has_usable_password()
    for file in StoredFile.objects.filter(name="paper.pdf"):
        assert files.read(file) == PAPER.content


def test_whatever_ends_it_it_goes_on_where_it_was(filled, tmp_path, monkeypatch):
    before = told(filled)
    path = archived(filled, tmp_path)
    moved(filled)
    take = ArchiveReader.part
    seen: list[int] = []

    def dying(reader: ArchiveReader, number: int) -> Any:
        # Each part is the last one of some try.
        if number != reader.parts and number not in seen:
            seen.append(number)
            raise KeyboardInterrupt
        return take(reader, number)

    monkeypatch.setattr(ArchiveReader, "part", dying)
    for _ in itertools.count():
        try:
            list(import_workspace(path, PASSPHRASE))
            break
        except KeyboardInterrupt:
            continue
    assert len(seen) == ArchiveReader(path, PASSPHRASE).parts - 1
    assert told(arrived()) == before
    with pytest.raises(ArchiveError, match="imported already, as acme"):
        list(import_workspace(path, PASSPHRASE))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut"),
        pytest.param(lambda data: data[:-30], id="cut at the end"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"PK no archive", id="another file"),
        pytest.param(lambda data: altered(data, "000003.age"), id="a part has another byte"),
        pytest.param(lambda data: altered(data, "key.json"), id="the key has another byte"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_before_anything_is_stored(filled, tmp_path, spoil):
    path = archived(filled, tmp_path)
    moved(filled)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ArchiveError):
        list(import_workspace(path, PASSPHRASE))
    assert not WorkspaceImport.objects.exists()
    assert not Workspace.objects.exists()


def altered(data: bytes, name: str) -> bytes:
    """Return an archive with one other byte in the middle of a part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(made, "w") as other:
        for each in whole.namelist():
            content = bytearray(whole.read(each))
            if each == name:
                content[len(content) // 2] ^= 1
            other.writestr(each, bytes(content))
    return made.getvalue()


def test_parts_that_were_exchanged_are_refused(filled, tmp_path):
    path = archived(filled, tmp_path)
    other = tmp_path / "other.archive"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(other, "w") as made:
        for name in whole.namelist():
            taken = {"000001.age": "000002.age", "000002.age": "000001.age"}.get(name, name)
            made.writestr(name, whole.read(taken))
    with pytest.raises(ArchiveError, match="part 1 is another one"):
        ArchiveReader(other, PASSPHRASE)
    with pytest.raises(ArchiveError, match="passphrase"):
        ArchiveReader(path, "seven quiet badgers")


class _Hostile(ArchiveWriter):
    """A writer of somebody who knows the format: its files lead elsewhere."""

    path = ""

    def add(self, kind: str, content: bytes, **head: Any) -> None:
        super().add(kind, content, **(head | {"path": self.path} if kind == "file" else head))


@pytest.mark.parametrize("path", ["../../planted", "/tmp/planted", "00/11/planted", 7])
def test_a_file_that_leads_elsewhere_is_refused(filled, tmp_path, monkeypatch, path):
    monkeypatch.setattr(_Hostile, "path", path)
    monkeypatch.setattr("chat.flows.export_workspace.ArchiveWriter", _Hostile)
    made = archived(filled, tmp_path)
    moved(filled)
    with pytest.raises(ArchiveError, match="a name that the product does not give"):
        list(import_workspace(made, PASSPHRASE))


def test_what_becomes_large_when_it_is_unpacked_is_refused(filled, tmp_path, monkeypatch):
    path = archived(filled, tmp_path)
    monkeypatch.setattr("chat.archive.container._MOST_BYTES", 100)
    with pytest.raises(ArchiveError, match="too large"):
        ArchiveReader(path, PASSPHRASE)
    # The product compresses no entry of the ZIP.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("format.txt", "0" * 100_000)
    with pytest.raises(ArchiveError, match="is no archive"):
        ArchiveReader(path, PASSPHRASE)


def test_what_was_at_work_ends_and_nothing_is_sent_from_there(
    filled, tmp_path, running_run, experiments_at_work
):
    path = archived(filled, tmp_path)
    moved(filled)
    list(import_workspace(path, PASSPHRASE))

    assert set(Experiment.objects.values_list("state", flat=True)) == {Experiment.State.PAUSED}
    live = Run.objects.get(code=running_run.code)
    assert live.status == Run.Status.RUNNING
    reap_runs()
    live.refresh_from_db()
    assert live.status == Run.Status.INTERRUPTED


@pytest.fixture
def experiments_at_work(filled) -> None:
    Experiment.objects.update(state=Experiment.State.RUNNING)


def test_the_workspace_is_not_doubled_and_finds_a_free_name(filled, alice, tmp_path):
    path = archived(filled, tmp_path)
    with pytest.raises(ArchiveError, match="has conversations of this workspace already"):
        list(import_workspace(path, PASSPHRASE))
    moved(filled)
    Workspace.objects.create(slug="acme", name="Another Acme")
    Provider.objects.create(code="own-code-0", name="Taken", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(ArchiveError, match="choose another slug"):
        list(import_workspace(path, PASSPHRASE, "acme"))
    # The catalogue of the other installation lacks a model.
    UpstreamModel.objects.filter(provider__code="demo").delete()
    list(import_workspace(path, PASSPHRASE))

    came = arrived("acme-2")
    assert Membership.objects.filter(workspace=came, user=alice).exists()
    codes = set(Provider.objects.filter(workspace=came).values_list("code", flat=True))
    assert codes == {"own-code-0-2", "own-code-1"}
    [done] = WorkspaceImport.objects.all()
    assert len(done.left_out["playground.ModelSetting"]) == 1
    assert ModelSetting.objects.filter(workspace=came).count() == 1


def test_the_commands_ask_for_a_passphrase_and_say_what_they_did(filled, tmp_path, capsys):
    path = tmp_path / "acme.archive"
    secret = tmp_path / "secret"
    with pytest.raises(CommandError, match="Give the passphrase"):
        call_command("export_workspace", "acme", str(path))
    secret.write_text("short\n")
    with pytest.raises(CommandError, match="at least 12 characters"):
        call_command("export_workspace", "acme", str(path), "--passphrase-file", str(secret))
    assert list(tmp_path.iterdir()) == [secret]
    secret.write_text(f"{PASSPHRASE}\n")
    with pytest.raises(CommandError, match="There is no workspace nowhere"):
        call_command("export_workspace", "nowhere", str(path), "--passphrase-file", str(secret))
    call_command("export_workspace", "acme", str(path), "--passphrase-file", str(secret))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_workspace", "acme", str(path), "--passphrase-file", str(secret))
    moved(filled)
    call_command("import_workspace", str(path), "--passphrase-file", str(secret), "--slug", "there")
    told_of = capsys.readouterr().out
    assert "chat.Conversation: 2" in told_of
    assert "The workspace there is here." in told_of


def test_a_thousand_conversations_with_their_books(workspace, alice, endpoint, tmp_path):
    conversations = Conversation.objects.bulk_create(
        Conversation(workspace=workspace, owner=alice, title=f"Talk {number}", model=endpoint.model)
        for number in range(1_000)
    )
    for role, text in (("user", "Why?"), ("assistant", "Because. " * 40)):
        parents = dict(Message.objects.values_list("conversation", "pk"))
        Message.objects.bulk_create(
            Message(conversation=each, role=role, text=text, parent_id=parents.get(each.pk))
            for each in conversations
        )
    newest = {message.conversation_id: message for message in Message.objects.order_by("pk")}
    for each in conversations:
        each.head = newest[each.pk]
    Conversation.objects.bulk_update(conversations, ["head"])
    runs = Run.objects.bulk_create(
        Run(
            workspace=workspace,
            conversation=each,
            answer=each.head,
            user=alice,
            endpoint=endpoint,
            status=Run.Status.FINISHED,
            idempotency_key=uuid.uuid4(),
            lease_expires_at=now(),
            request_hash="x",
        )
        for each in conversations
    )
    for run in runs:
        code = run.code
        ledger.hold(code, workspace, alice, ledger.Amounts(10, 10))
        ledger.settle(
            code, ledger.Amounts(3, 4), source="priced", provider_code="demo", model_id="demo/plain"
        )
    before = told(workspace)
    path = archived(workspace, tmp_path)
    moved(workspace)
    list(import_workspace(path, PASSPHRASE))
    came = arrived()
    assert told(came) == before
    assert LedgerEntry.objects.filter(workspace=came).count() == 1_000
    assert ledger.audit() == []
    # Rows that follow take keys of their own.
    Conversation.objects.create(workspace=came, owner=alice)
