from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from playground.catalogue.documents import MAX_BYTES
from playground.models import Endpoint, Provider, UpstreamModel
from tests.playground.test_openapi import BODY, document

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(path: Path, *paths: str, **properties: object) -> Path:
    body = {**BODY, "properties": {**BODY["properties"], **properties}}
    path.write_text(json.dumps(document(*(paths or ["/v1/chat/completions"]), body=body)))
    return path


def run(*arguments: object) -> list[str]:
    out = StringIO()
    call_command("import_openapi", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


def test_it_counts_in_its_last_line(folder):
    write(folder / "one.json", top_p={"type": "number"}, anything={"nullable": True})
    write(folder / "two.json", "/v1/responses", model={"enum": ["acme/two"]})
    (folder / "three.yaml").write_text("nonsense")
    (folder / "notes.txt").write_text("not looked at")
    assert run(folder)[-1] == "documents 3, imported 2, parameters 4, controls 3, json 1, unusable 0"


def test_it_stores_models_and_endpoints(folder):
    run(write(folder / "one.json", "/v1/chat/completions", "/v1/responses"))

    model = UpstreamModel.objects.get(model_id="acme/one")
    assert (model.provider.code, model.name, model.developer) == ("aimlapi", "one", "acme")
    assert sorted(model.endpoints.values_list("kind", flat=True)) == ["chat/completions", "responses"]
    endpoint = model.endpoints.get(kind="responses")
    assert endpoint.source == "one.json"
    assert endpoint.request_schema["properties"]["temperature"] == {"type": "number"}
    assert len(endpoint.schema_digest) == 64


def test_it_changes_nothing_the_second_time(folder, django_assert_num_queries):
    write(folder / "one.json")
    run(folder)
    before = Endpoint.objects.values("pk", "imported_at", "schema_digest").get()
    run(folder)
    assert Endpoint.objects.values("pk", "imported_at", "schema_digest").get() == before


def test_it_takes_the_newer_schema(folder):
    run(write(folder / "one.json"))
    before = Endpoint.objects.get().schema_digest
    run(write(folder / "one.json", seed={"type": "integer"}))
    assert Endpoint.objects.get().schema_digest != before


def test_it_keeps_other_spellings_as_aliases_and_other_models_apart(folder):
    ids = ["acme/big-4.1", "big-4-1", "acme/small"]
    run(write(folder / "one.json", model={"enum": ids}))
    found = {model.model_id: model.aliases for model in UpstreamModel.objects.all()}
    assert found == {"acme/big-4.1": ["big-4-1"], "acme/small": []}


def test_it_writes_nothing_on_a_dry_run(folder):
    write(folder / "one.json")
    assert run(folder, "--dry-run")[-1].startswith("documents 1, imported 1, parameters 1,")
    assert not UpstreamModel.objects.exists()
    assert not Provider.objects.exists()


def test_it_says_which_document_was_refused_and_takes_the_others(folder):
    write(folder / "good.json")
    (folder / "bad.json").write_text("{")
    (folder / "large.json").write_bytes(b" " * (MAX_BYTES + 1))
    lines = run(folder)
    assert "bad.json: refused, neither JSON nor YAML" in lines
    assert "large.json: refused, too large: over 10 MB" in lines
    assert UpstreamModel.objects.count() == 1


def test_it_does_not_read_a_huge_file_to_refuse_it(folder, monkeypatch):
    path = folder / "huge.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("was read"))
    assert "huge.json: refused, too large: over 10 MB" in run(path)


def test_it_says_that_a_file_is_missing(folder):
    assert "gone.json: refused, cannot be read: No such file or directory" in run(folder / "gone.json")


def test_it_reports_every_document_when_asked(folder):
    write(folder / "one.json", anything={"nullable": True})
    assert run(folder, "--report")[0] == "one.json: acme/one; parameters 2; as JSON anything"


def test_its_report_has_a_line_for_every_parameter(folder):
    write(folder / "one.json", anything={"nullable": True}, top_p={"type": "number"})
    write(folder / "two.json", "/v1/responses", top_p={"oneOf": [{"type": "number"}, {"type": "string"}]})
    (folder / "bad.json").write_text("{")
    lines = [line.split() for line in run(folder, "--dry-run", "--report")]
    start = next(place for place, line in enumerate(lines) if line[0] == "parameter")
    assert lines[start] == ["parameter", "endpoints", "controls", "json", "unusable", "as"]
    assert lines[start + 1 : -1] == [
        ["temperature", "2", "2", "0", "0", "number", "2"],
        ["top_p", "2", "2", "0", "0", "number", "1,", "alternatives", "1"],
        ["anything", "1", "0", "1", "0", "json", "1"],
    ]


def test_it_reads_an_address(folder, catalogue):
    catalogue.add("acme/one")
    url = catalogue.document_url("acme/one")
    away = "http://169.254.169.254/openapi.json"
    lines = run(url, away, write(folder / "two.json", model={"enum": ["acme/two"]}))
    assert lines[0].startswith(f"{away}: refused, could not be read: 169.254.169.254 is on a private network")
    assert lines[-1].startswith("documents 3, imported 2,")
    assert Endpoint.objects.get(model__model_id="acme/one").source == url


def test_it_refuses_a_provider_that_does_not_exist(folder):
    with pytest.raises(CommandError, match="no provider"):
        run(write(folder / "one.json"), "--provider", "nobody")


def test_it_imports_for_another_provider(folder):
    Provider.objects.create(code="house", name="House", base_url="https://llm.example.org/v1")
    run(write(folder / "one.json"), "--provider", "house")
    assert UpstreamModel.objects.get().provider.code == "house"


@pytest.mark.parametrize(("words", "ends_in"), [(["--dry-run"], "documents 0"), ([], "manage.py prepare")])
def test_documents_can_be_checked_before_there_are_tables(tmp_path, words, ends_in):
    ended = subprocess.run(
        [sys.executable, "manage.py", "import_openapi", str(tmp_path), *words],
        env={**os.environ, "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "", "REDIS_URL": ""},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ends_in in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
