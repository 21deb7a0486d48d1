"""What the security officer sees about backups, and that it names no file and no person."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker import clock
from caseworker.actions import backups
from caseworker.backups import writing
from caseworker.backups.problems import Problem
from tests.backups import as_it_is
from tests.cast import START, Cast, Member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
DAY = dt.timedelta(days=1)


def page(client: Client, monkeypatch: pytest.MonkeyPatch, at: dt.datetime) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: at)
        return client.get(reverse("security")).content.decode()


def test_the_page_says_when_something_is_overdue_and_is_quiet_otherwise(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    client = sign_in(cast.sofia)
    assert "switched off" in page(client, monkeypatch, START)
    settings.BACKUP_DIR = str(tmp_path)
    assert "no backup younger than two days" in page(client, monkeypatch, START)
    monkeypatch.setattr(writing, "snapshot", as_it_is)
    backups.make_backup(now=START)
    shown = page(client, monkeypatch, START)
    assert "read back and verified" in shown
    assert "3 March 2025, 09:00" in shown
    assert "0 days, deleted after 14" in shown
    assert "for a year" in shown
    backups.record_drill(None, rows=3, actor=None, now=START)
    assert 'data-tone="alert"' not in page(client, monkeypatch, START)
    assert 'data-tone="warn"' not in page(client, monkeypatch, START)
    late = page(client, monkeypatch, START + 17 * DAY)
    assert "no backup younger than two days" in late
    assert "17 days old and should be gone" in late
    assert not [path.name for path in tmp_path.iterdir() if path.name in late]


def test_the_page_says_why_the_last_attempt_failed(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    client, settings.BACKUP_DIR = sign_in(cast.sofia), "/nowhere/at/all"
    with pytest.raises(backups.BackupRefused):
        backups.make_backup(now=START)
    backups.record_drill(Problem.NOT_OPENED, rows=0, actor=None, now=START)
    shown = page(client, monkeypatch, START)
    assert "left no backup. There is no folder" in shown
    assert "drill failed. A file does not open" in shown
    assert "not seen from here" in shown
