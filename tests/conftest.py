"""Fixtures for all tests: the cast, signed-in clients, and the guards that keep tests honest."""

import contextlib
import ipaddress
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import management
from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client

from caseworker.vault.keyring import KeyRing
from tests.cast import Cast, Member, found_cast
from tests.factories import plant_checklists
from tests.ordering import marks_of, spread
from tests.templates import OWN_SERVER, close_folder, migrated_file, migrated_on, open_folder

DATABASES = ["default", "ephemeral"]
OURS = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the folder of what is built once in a run."""
    config.stash[OURS] = open_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it."""
    close_folder(config.stash.get(OURS, None))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what runs on one database, and what is not measured."""
    for mark in marks_of(item.nodeid):
        item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every database test use both databases; let what takes longest begin first."""
    items[:] = spread(items, workers=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is not None and "databases" not in marker.kwargs:
            item.add_marker(
                pytest.mark.django_db(databases=DATABASES, transaction=marker.kwargs.get("transaction", False)),
                append=False,
            )


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(autouse=True)
def no_outside_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_loopback(address):
            raise AssertionError("a test tried to reach the network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def flush_past_triggers() -> Iterator[None]:
    """Let a transactional test empty append-only tables on SQLite, where a flush is a DELETE: triggers go and come back."""
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f'DROP TRIGGER "{name}"' for name, _sql in triggers]
        return [*drops, *original(self, *args, **kwargs), *(sql for _name, sql in triggers)]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
    yield
    DatabaseOperations.sql_flush = original  # type: ignore[method-assign]


def _migrate_by_copying(name: str, *arguments: Any, **options: Any) -> None:
    """Take the place of ``call_command``: a database is migrated by copying the one that was migrated for the whole run."""
    alias = options.get("database", "default")
    if name == "migrate" and "TEMPLATE" in connections[alias].settings_dict["TEST"]:
        return
    if name != "migrate" or connections[alias].vendor != "sqlite":
        call_command(name, *arguments, **options)
        return
    connections[alias].ensure_connection()
    with contextlib.closing(sqlite3.connect(f"file:{migrated_file(alias)}?immutable=1", uri=True)) as source:
        source.backup(connections[alias].connection)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> pytest.MonkeyPatch:
    """Migrate once in a run, not once in a worker: while the databases of the tests are made, and only then."""
    patch = pytest.MonkeyPatch()
    patch.setattr(management, "call_command", _migrate_by_copying)
    if address := os.environ.get(OWN_SERVER):
        patch.setitem(connections["default"].settings_dict["TEST"], "TEMPLATE", migrated_on(address))
    return patch


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings: pytest.MonkeyPatch, django_db_setup: None) -> None:
    """Go on with the real commands when the databases are there."""
    django_db_modify_db_settings.undo()


@pytest.fixture
def cast(db: None) -> Cast:
    """Return the organization: circles north and south, and everybody in it. Checklists that an earlier flush took are written anew."""
    plant_checklists()
    return found_cast()


@pytest.fixture
def anna(cast: Cast) -> Member:
    """Volunteer, logs to the north circle."""
    return cast.anna


@pytest.fixture
def boris(cast: Cast) -> Member:
    """Coordinator of the north circle."""
    return cast.boris


@pytest.fixture
def clara(cast: Cast) -> Member:
    """Coordinator of the south circle, who must see nothing of the north."""
    return cast.clara


@pytest.fixture
def dmitri(cast: Cast) -> Member:
    """Statistician."""
    return cast.dmitri


@pytest.fixture
def eva(cast: Cast) -> Member:
    """Lead."""
    return cast.eva


@pytest.fixture
def sofia(cast: Cast) -> Member:
    """Security officer."""
    return cast.sofia


@pytest.fixture
def olga(cast: Cast) -> Member:
    """Auditor."""
    return cast.olga


@pytest.fixture
def mallory(cast: Cast) -> Member:
    """Suspended coordinator of the north circle."""
    return cast.mallory


@pytest.fixture
def keyring_of() -> Callable[[Member], KeyRing]:
    """Return a function that opens a member's key ring."""
    return lambda member: member.keyring()


@pytest.fixture
def sign_in() -> Callable[[Member], Client]:
    """Return a function that signs a member in through the real page and hands back the client."""

    def signed_in(member: Member) -> Client:
        client = Client()
        answer = client.post("/sign-in/", {"alias": member.person.alias, "words": member.words, "code": ""})
        assert answer.status_code == 302, "sign-in failed"
        return client

    return signed_in
