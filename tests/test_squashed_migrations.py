"""Migrations that make a new database at once; databases of earlier versions go on step by step.

That both ways lead to the same tables is shown in tests/chat/test_migrations.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.migrations import Migration

Key = tuple[str, str]

APPS = ("accounts", "playground", "chat")
# How many migrations accounts, playground and chat had, in all versions that changed one of these numbers.
VERSIONS = """
    1 0 0; 1 2 0; 1 2 4; 1 2 5; 1 3 5; 1 4 6; 1 4 9; 1 5 9; 1 5 10; 1 5 12; 1 6 12; 1 7 12;
    1 7 13; 1 7 14; 1 7 15; 2 7 16; 2 7 18; 2 7 19; 2 7 20; 2 7 21; 2 7 22; 2 8 22; 2 8 23;
    2 8 24; 2 8 25; 2 8 26; 2 8 27; 3 8 27; 3 8 28; 3 8 29; 4 8 29; 4 9 30; 5 9 30; 5 9 31;
    6 9 31; 7 10 32; 8 10 32; 10 10 33; 11 10 33; 12 10 33; 12 10 34; 13 10 34; 14 10 34;
    15 10 34; 16 10 34; 18 10 34; 19 10 34; 19 10 35; 19 10 36; 19 10 37; 20 10 38; 21 10 38;
    22 10 40; 22 10 42; 23 10 42; 23 10 43; 24 10 43; 25 10 43; 26 10 43; 26 10 44; 27 10 45;
    28 10 45; 28 11 45; 28 11 49; 29 12 49; 30 12 49; 31 12 50; 32 12 50; 33 12 50; 34 12 50;
    34 12 51; 34 12 52; 35 12 53; 35 12 54; 36 12 54
"""
# Databases that were made between these versions have rows of squashed migrations that exist no more.
FORMER: tuple[Key, ...] = (
    ("accounts", "0001_squashed_0003_balances_of_keys"),
    ("playground", "0001_squashed_0008_announced_ends"),
    ("chat", "0001_squashed_0027_background_answers"),
)
FORMER_FROM = (3, 8, 27)


@pytest.fixture(scope="module")
def on_disk() -> dict[Key, Migration]:
    return MigrationLoader(None).disk_migrations


def versions() -> list[tuple[int, ...]]:
    return [tuple(map(int, version.split())) for version in VERSIONS.split(";")]


def planned(on_disk, applied: Iterable[Key]) -> list[Key]:
    """Return what a database with these migrations still takes, in order, and each squashed one whole."""
    there = dict.fromkeys(applied)
    with mock.patch.object(MigrationRecorder, "applied_migrations", lambda self: dict(there)):
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
    assert not executor.loader.detect_conflicts()
    order: list[Key] = []
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        taken = [(app, name) for app, name in migration.replaces] or [(migration.app_label, migration.name)]
        # All that they depend on is there, whether this database takes them one by one or at once.
        for key in taken:
            needed = {tuple(each) for each in on_disk[key].dependencies if each[1] != "__first__"}
            assert needed <= {*there, *order, *taken}, key
        order += taken
    return order


def test_every_earlier_version_takes_each_missing_migration_once(on_disk, monkeypatch):
    monkeypatch.setattr(MigrationLoader, "load_disk", _from(on_disk))
    steps = {key for key, migration in on_disk.items() if not migration.replaces}
    others = {key for key in steps if key[0] not in APPS}
    names = {app: sorted(key for key in steps if key[0] == app) for app in APPS}
    assert sorted(planned(on_disk, ())) == sorted(steps)
    for version in versions():
        counts = dict(zip(APPS, version, strict=True))
        ours = {key for app, count in counts.items() for key in names[app][:count]}
        has_former = all(count >= least for count, least in zip(version, FORMER_FROM, strict=True))
        for former in ((), FORMER) if has_former else ((),):
            order = planned(on_disk, {*others, *ours, *former})
            assert sorted(order) == sorted(steps - others - ours), version


def _from(on_disk):
    """Read the files once: that takes longer than all plans."""

    def load_disk(loader: MigrationLoader) -> None:
        loader.unmigrated_apps = set()
        loader.migrated_apps = {app for app, _ in on_disk}
        loader.disk_migrations = dict(on_disk)

    return load_disk


@pytest.mark.parametrize("app", APPS)
def test_one_squashed_migration_replaces_the_first_of_each_app(app, on_disk):
    """A squashed migration that replaced another or left one out would give some databases no plan."""
    names = sorted(name for label, name in on_disk if label == app)
    [squashed] = [name for name in names if on_disk[app, name].replaces]
    names.remove(squashed)
    replaced = [tuple(key) for key in on_disk[app, squashed].replaces]
    assert replaced == [(app, name) for name in names[: len(replaced)]]
    assert squashed == f"0001_squashed_{names[len(replaced) - 1]}"


def test_migrations_depend_on_single_ones(on_disk):
    """A squashed migration goes when a newer one takes its place, and what depends on it would be lost."""
    squashed = {key for key, migration in on_disk.items() if migration.replaces}
    for key, migration in on_disk.items():
        assert not squashed & {tuple(each) for each in migration.dependencies}, key
