"""Founding, audit verification and system checks."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from caseworker import audit, checks
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent, AuditHead
from caseworker.models.keys import RecoveryKey
from caseworker.unlocking import active_key_of, unlock
from caseworker.vault.sealing import generate_key_pair
from requests_app.enums import SealedKind
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import seal_record
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db


class Paper:
    """Somebody who writes down what the command prints and types back what it asks for."""

    def __init__(self, *, careless: bool = False, agrees: str = "yes") -> None:
        self.out, self.careless, self.agrees, self.asked = io.StringIO(), careless, agrees, ""

    def type(self, question: str) -> str:
        if "yes" in question:
            self.asked = self.out.getvalue()
            return self.agrees
        number = question.split("group ")[1].split(" ")[0]
        words = (
            self.out.getvalue().split("RECOVERY SHEET")[-1].split("stored nowhere.")[1].split("Fingerprint")[0].split()
        )
        return "WRONG" if self.careless else words[words.index(number) + 1].lower()


def found(monkeypatch: pytest.MonkeyPatch, paper: Paper, *arguments: str) -> str:
    monkeypatch.setattr("builtins.input", paper.type)
    call_command("found_organization", *arguments, stdout=paper.out, stderr=io.StringIO())
    return paper.out.getvalue()


def test_founding_prints_once_and_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = found(monkeypatch, Paper())
    assert RecoveryKey.objects.get().fingerprint in printed
    assert "opened with the recovery sheet" in printed
    assert not SealedRecord.objects.exists()
    assert Caseworker.objects.filter(role="security_officer").count() == 2
    for line in printed.split("stored nowhere.")[-1].splitlines():
        parts = line.split()
        if len(parts) == 7:
            assert unlock(active_key_of(Caseworker.objects.get(alias=parts[0])), " ".join(parts[1:])) is not None
    assert Caseworker.objects.get(alias="volunteer").intake_circle is not None
    with pytest.raises(CommandError, match="founded already"):
        found(monkeypatch, Paper())


def test_a_sheet_not_written_down_founds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="Nothing was founded"):
        found(monkeypatch, Paper(careless=True))
    assert not Caseworker.objects.exists()
    assert not RecoveryKey.objects.exists()


def test_words_are_shown_before_anything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal may die while somebody writes: nothing was founded then, and the command is run again."""
    paper = Paper(agrees="no")
    with pytest.raises(CommandError, match="Nothing was founded"):
        found(monkeypatch, paper)
    assert "First accounts" in paper.asked
    assert not Caseworker.objects.exists()
    assert "Founded" in found(monkeypatch, Paper())


@pytest.mark.parametrize(("sheets", "policy"), [(2, "any"), (3, "all")])
def test_founding_with_several_sheets(monkeypatch: pytest.MonkeyPatch, settings: Any, sheets: int, policy: str) -> None:
    settings.RECOVERY_POLICY = policy
    printed = found(monkeypatch, Paper(), "--sheets", str(sheets), "--policy", policy)
    assert RecoveryKey.objects.count() == sheets == printed.count("RECOVERY SHEET")
    pins = printed.split("Set RECOVERY_FINGERPRINTS=")[1].split()[0]
    settings.RECOVERY_FINGERPRINTS = pins.split(",")
    assert checks.check_recovery_key(databases=["default"]) == []
    settings.RECOVERY_POLICY = {"any": "all", "all": "any"}[policy]
    assert [message.id for message in checks.check_recovery_key(databases=["default"])] == ["casework.E011"]


def test_the_policy_is_set_before_founding(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="Set RECOVERY_POLICY=all first"):
        found(monkeypatch, Paper(), "--policy", "all")
    with pytest.raises(CommandError, match="1 to 7"):
        found(monkeypatch, Paper(), "--sheets", "0")


def test_several_groups_may_be_typed_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    paper, asked = Paper(), 0

    def whole(question: str) -> str:
        nonlocal asked
        if "yes" in question:
            return "yes"
        asked += 1
        words = paper.out.getvalue().split("stored nowhere.")[1].split("Fingerprint")[0].split()
        return "" if asked == 1 else " ".join(words[1::2])

    monkeypatch.setattr(paper, "type", whole)
    assert "Founded" in found(monkeypatch, paper)
    assert asked == 2


def test_without_a_terminal_nothing_is_founded(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = Paper()

    def closed(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr(paper, "type", closed)
    with pytest.raises(CommandError, match="in a terminal"):
        found(monkeypatch, paper)
    assert not Caseworker.objects.exists()


def test_a_founding_that_fails_late_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> dict[str, str]:
        return {"text": "something else"}

    monkeypatch.setattr("requests_app.management.commands.found_organization.open_recovered", broken)
    with pytest.raises(CommandError, match="did not open"):
        found(monkeypatch, Paper())
    assert not Caseworker.objects.exists()


def verdict(*arguments: str) -> int:
    try:
        call_command("verify_audit", *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def without_triggers(cast: Cast) -> Iterator[None]:
    """Give the attacker the database: triggers dropped."""
    with connection.cursor() as cursor:
        for event in ("update", "delete"):
            on = ' ON "caseworker_auditevent"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "caseworker_auditevent_refuses_{event}"{on}')
    return


TAMPERINGS: dict[str, Callable[[], object]] = {
    "edit": lambda: AuditEvent.objects.filter(sequence=3).update(verb=AuditVerb.REVEAL),
    "delete": lambda: AuditEvent.objects.filter(sequence=3).delete(),
    "reorder": lambda: [
        AuditEvent.objects.filter(sequence=here).update(sequence=there) for here, there in ((3, 999), (4, 3), (999, 4))
    ],
    "cut the tail": lambda: AuditEvent.objects.filter(sequence__gte=5).delete(),
}


@pytest.mark.usefixtures("without_triggers")
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_every_tampering_is_found(tampering: str) -> None:
    assert verdict() == 0
    TAMPERINGS[tampering]()
    assert verdict() == 1


@pytest.mark.usefixtures("without_triggers")
def test_a_cut_tail_with_a_forged_head_is_found_by_the_anchor() -> None:
    anchor = audit.verify().head
    AuditEvent.objects.filter(sequence__gte=5).delete()
    last = AuditEvent.objects.get(sequence=4)
    AuditHead.objects.update(sequence=4, hash=last.hash)
    assert verdict() == 0
    assert verdict("--head", anchor) == 1
    assert verdict("--head", last.hash) == 0


def test_the_database_itself_refuses_to_alter_events(cast: Cast) -> None:
    for alter in (lambda: AuditEvent.objects.update(verb="x"), lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            alter()
    assert verdict() == 0


def test_events_hold_codes_and_hours_only(cast: Cast) -> None:
    audit.record(
        actor=cast.boris.person, verb=AuditVerb.REVEAL, kind="case", object_id=None, now=START.replace(minute=37)
    )
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert (event.hour.minute, event.hour.second) == (0, 0)
    assert {field.name for field in AuditEvent._meta.fields} == {
        "sequence", "hour", "actor_id", "verb", "object_kind", "object_id", "previous_hash", "hash",
    }  # fmt: skip


WEAK: dict[str, tuple[str, Any]] = {
    "E002": ("SECRET_KEY", "short"),
    "E004": ("RECOVERY_FINGERPRINTS", []),
    "E005": ("CLOCK_OFFSET", 1),
    "E006": ("DEMO", True),
    "E007": ("SECOND_FACTOR_REQUIRED", False),
    "E008": ("SESSION_COOKIE_NAME", "sessionid"),
    "E009": ("DEBUG", True),
}


@pytest.fixture
def strong(settings: Any) -> Any:
    settings.SECRET_KEY, settings.RUNTIME_DIR = "x" * 60, "/dev/shm"
    settings.RECOVERY_FINGERPRINTS, settings.SECOND_FACTOR_REQUIRED = ["0" * 20], True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-a-key", "__Host-b"
    return settings


@pytest.mark.parametrize("code", WEAK)
def test_each_weak_setting_refuses_to_start(strong: Any, code: str) -> None:
    name, value = WEAK[code]
    setattr(strong, name, value)
    assert f"casework.{code}" in {message.id for message in checks.check_strong_settings()}


def test_a_runtime_folder_on_disk_is_an_error() -> None:
    mounts = "dev / ext4 rw\nshm /dev/shm tmpfs rw\nrun /run/casework tmpfs rw"
    assert checks.filesystem_of(Path("/run/casework/web"), mounts) == "tmpfs"
    assert checks.filesystem_of(Path("/var/lib"), mounts) == "ext4"
    assert checks.check_post_quantum() == []


def test_a_recovery_key_that_is_not_pinned_is_an_error(cast: Cast, settings: Any) -> None:
    settings.RECOVERY_FINGERPRINTS = ["f" * 20]
    assert [message.id for message in checks.check_recovery_key(databases=["default"])] == ["casework.E010"]
    pinned = RecoveryKey.objects.get().fingerprint
    settings.RECOVERY_FINGERPRINTS = [pinned]
    assert checks.check_recovery_key(databases=["default"]) == []
    planted = generate_key_pair()
    RecoveryKey.objects.update(public_key=planted.public_key)
    assert [message.id for message in checks.check_recovery_key(databases=["default"])] == ["casework.E010"]


@pytest.mark.parametrize("app", ["caseworker", "requests_app"])
def test_a_database_anywhere_between_the_migrations_of_before_is_refused(app: str) -> None:
    everywhere = ["default", "ephemeral"]
    assert checks.check_migrations_are_whole() == checks.check_migrations_are_whole(databases=everywhere) == []
    replaced = [one for migration in MigrationLoader(None).replacements.values() for one in migration.replaces]
    assert len(replaced) == len(set(replaced))
    rows = MigrationRecorder(connection).migration_qs
    *later, first = sorted((name for label, name in replaced if label == app), reverse=True)
    for name in later:
        rows.filter(app=app, name=name).delete()
        assert [message.id for message in checks.check_migrations_are_whole(databases=everywhere)] == ["casework.E014"]
        assert checks.check_migrations_are_whole(databases=["ephemeral"]) == []
    rows.filter(app=app, name=first).delete()
    assert checks.check_migrations_are_whole(databases=everywhere) == []


def test_a_demo_between_the_migrations_of_before_says_so(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    (tmp_path / "ready").touch()
    MigrationRecorder(connection).migration_qs.filter(app="requests_app", name="0023_first_consents").delete()
    with pytest.raises(CommandError, match=r"casework\.E014"):
        call_command("demo", "--no-serve")


def test_nothing_is_sealed_to_a_planted_recovery_key(cast: Cast, settings: Any) -> None:
    settings.RECOVERY_FINGERPRINTS = [RecoveryKey.objects.get().fingerprint]
    note = {"owner_id": cast.north.id, "circles": [cast.north], "now": START}
    assert seal_record(SealedKind.NOTE, {"text": "x"}, **note)
    planted = generate_key_pair()
    RecoveryKey.objects.create(
        suite=planted.suite, public_key=planted.public_key, fingerprint="0" * 20, created_on=START.date()
    )
    with pytest.raises(PolicyRefused):
        seal_record(SealedKind.NOTE, {"text": "x"}, **note)
