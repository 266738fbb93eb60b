"""The scripts of the pages: their imports, and the events that docs/frontend.md lists."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from playground.joining import joined_script
from playground.static_files import PAGE_SHEETS
from tests.repository import ROOT, short, static_files, templates

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = ROOT / "static" / "js"
# Loaded as classic scripts: before the first paint, and in the audio thread.
CLASSIC = {"preferences.js", "recorder_worklet.js"}
SENT = re.compile(r'(?:new CustomEvent\(|htmx\.trigger\(\w+, )"([a-z]+:[a-z-]+)"')
HEARD = re.compile(r'addEventListener\(\s*"((?!htmx:)[a-z]+:[a-z-]+)"')
TRIGGERS = re.compile(r'hx-trigger="([^"]*)"')
EVENT = re.compile(r"\b[a-z]+:[a-z-]+\b")
IMPORTED = re.compile(r'^import (?:[^;"]+ from )?"([^"]+)";$', re.MULTILINE)

Row = tuple[set[str], set[str]]


def modules() -> list[Path]:
    return [path for path in static_files(".js") if path.name not in CLASSIC]


def imports(path: Path) -> list[Path]:
    return [(path.parent / name).resolve() for name in IMPORTED.findall(path.read_text(encoding="utf-8"))]


def events_in_the_code() -> dict[str, Row]:
    """Return each event of our own with the scripts that send it and those that hear it, or the template."""
    found: dict[str, Row] = defaultdict(lambda: (set(), set()))
    for path in static_files(".js"):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(SCRIPTS).as_posix()
        for event in SENT.findall(text):
            found[event][0].add(name)
        for event in HEARD.findall(text):
            found[event][1].add(name)
    for path in templates():
        for trigger in TRIGGERS.findall(path.read_text(encoding="utf-8")):
            for event in EVENT.findall(re.sub(r"\w+:\d\w*", "", trigger)):
                if event in found:
                    found[event][1].add(short(path))
    return dict(found)


def events_in_the_docs() -> dict[str, Row]:
    text = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+:[a-z-]+)` \| ([^|]*) \| ([^|]*) \|", text, re.MULTILINE)
    return {
        event: (set(re.findall(r"`([^`]+)`", sent)), set(re.findall(r"`([^`]+)`", heard)))
        for event, sent, heard in rows
    }


def test_the_docs_list_every_event_with_its_senders_and_listeners():
    assert events_in_the_docs() == events_in_the_code()


def test_every_event_is_sent_and_heard():
    assert [event for event, (sent, heard) in events_in_the_code().items() if not (sent and heard)] == []


@pytest.mark.parametrize("path", modules(), ids=short)
def test_it_imports_what_exists(path):
    assert [short(target) for target in imports(path) if not target.exists()] == []
    # An import over several lines would not be joined.
    assert len(re.findall(r"^import\b", path.read_text(encoding="utf-8"), re.MULTILINE)) == len(imports(path))


@pytest.mark.parametrize("page", sorted((SCRIPTS / "pages").iterdir()), ids=short)
def test_the_modules_of_a_page_can_be_joined(page):
    def read(name: str) -> str:
        return (ROOT / "static" / name).read_text(encoding="utf-8")

    joined = joined_script(page.relative_to(ROOT / "static").as_posix(), read)
    assert joined.count("= (() => {\n") >= len(imports(page))


def test_a_page_has_one_sheet_of_imports_from_its_own_folder():
    sheets = {f"css/{path.name}": path.read_text(encoding="utf-8") for path in static_files(".css")}
    assert sorted(name for name, text in sheets.items() if "@import" in text) == sorted(PAGE_SHEETS)
    for name in PAGE_SHEETS:
        found = re.findall(r'^@import "(.+)";$', sheets[name], re.MULTILINE)
        assert len(found) == sheets[name].count("@import")
        assert [each for each in found if f"css/{each}" not in sheets or f"css/{each}" in PAGE_SHEETS] == []


def test_every_module_is_imported_by_a_page():
    reached: set[Path] = set()
    waiting = sorted((SCRIPTS / "pages").iterdir())
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += imports(path)
    assert [short(path) for path in modules() if path not in reached] == []


def test_no_modules_import_each_other():
    def walk(path: Path, above: tuple[Path, ...]) -> None:
        assert path not in above, " > ".join(short(each) for each in (*above, path))
        for target in imports(path):
            walk(target, (*above, path))

    for page in (SCRIPTS / "pages").iterdir():
        walk(page, ())
