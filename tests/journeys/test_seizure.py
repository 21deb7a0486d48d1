"""The seizure: a whole scenario, everything stopped, then every file left on disk searched and attacked with its own configuration."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from caseworker.vault.containers import KEY_PURPOSE, decrypted, read_header
from caseworker.vault.errors import VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.sealing import open_sealed
from caseworker.vault.wrapping import unwrap
from tests.journeys.search import spellings
from tests.templates import migrated_file

ROOT = Path(__file__).resolve().parent.parent.parent
MARKERS = (
    "+44 7700 900777",
    "@fx_seizure_marker_4242",
    "Polynya",
    "Полынья у берега",
    "He waits behind the third door of the ward",
    "The note says: he walks at dawn",
)
WORDS = "marker words that must never stay"
SCENARIO = f"""
import datetime as dt, uuid
from django.test import Client
from caseworker.actions.founding import FirstPerson, found_organization
from caseworker.enums import Role
from caseworker.vault.sealing import generate_key_pair
from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord
from requests_app.models.help_requests import HelpRequest
now = dt.datetime(2025, 2, 20, 10, tzinfo=dt.UTC)
words = {WORDS!r}
first = [FirstPerson("vera", Role.VOLUNTEER, words), FirstPerson("boris", Role.COORDINATOR, words)]
found_organization([generate_key_pair()], first, circle_name="Intake", now=now)
def signed_in(alias):
    client = Client()
    assert client.post("/sign-in/", {{"alias": alias, "words": words, "code": ""}}).status_code == 302
    return client
vera = signed_in("vera")
form = dict(contacts={MARKERS[0] + chr(10) + MARKERS[1]!r}, name={MARKERS[2]!r}, story={MARKERS[3] + ". " + MARKERS[4]!r}, requester="self",
    category="mobilized", situation="hospital", urgency="u1_now", country="RU", channel="signal", may_write="yes", may_call="no",
    may_leave_message="unknown", hours_band="unknown", time_zone="", agreed="on", form_token=str(uuid.uuid4()))
answer = vera.post("/requests/new/" if False else NEW, form)
if answer.status_code == 200:
    answer = vera.post(NEW, form | {{"warned": "1"}})
assert answer.status_code == 302, answer.content.decode()[:3000]
boris = signed_in("boris")
request = HelpRequest.objects.get()
record = SealedRecord.objects.get()
shown = boris.post(f"/triage/{{request.id}}/reveal/", {{"record": record.id, "reason": "assess_request"}}).content.decode()
assert {MARKERS[2]!r} in shown
boris.post(f"/triage/{{request.id}}/decide/", {{"decision": "promote"}})
case = Case.objects.get()
boris.post(f"/cases/{{case.id}}/note/", {{"version": case.version, "text": {MARKERS[5]!r}}})
try:
    boris.post(f"/cases/{{case.id}}/note/", {{"version": "x", "text": {MARKERS[5]!r} * 900}})
    boris.get("/cases/" + {MARKERS[2]!r})
    from django_q.tasks import async_task
except Exception as error:
    print(type(error).__name__)
boris.post("/lock/")
assert SealedRecord.objects.count() == 2
print("scenario done")
"""


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the scenario in a process of its own and return the folder as it is found afterwards; tmpfs is gone with the power."""
    home = tmp_path_factory.mktemp("seized")
    memory = tmp_path_factory.mktemp("memory")
    environment = os.environ | {
        "VAR_DIR": str(home), "RUNTIME_DIR": str(memory), "CASEWORK_DEMO": "yes", "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "DATABASE_URL": "", "BACKUP_DIR": str(home / "backups"),
    }  # fmt: skip
    (home / "backups").mkdir()

    def manage(*arguments: str) -> str:
        with (home / "server.log").open("ab") as log:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                check=False,
            )
        log_text = (home / "server.log").read_text(errors="replace")[-3000:]
        assert done.returncode == 0, log_text
        return done.stdout.decode()

    shutil.copy(migrated_file("default"), home / "casework.sqlite3")
    shutil.copy(migrated_file("ephemeral"), memory / "ephemeral.sqlite3")
    script = "from django.urls import reverse; NEW = reverse('log_request')\n" + SCENARIO.replace(
        '"/requests/new/" if False else NEW', "NEW"
    )
    assert "scenario done" in manage("shell", "-c", script)
    assert manage("backup").count("verified") == 3
    configuration = {
        "SECRET_KEY": "development-only-" + "x" * 50,
        "SECOND_FACTOR_KEY": "00" * 32,
        "CLAIM_CODE_KEY": "00" * 32,
    }
    (home / "configuration.json").write_text(json.dumps(configuration))
    return home


def test_no_file_holds_what_was_typed(seized: Path) -> None:
    files = [path for path in seized.rglob("*") if path.is_file()]
    assert {"casework.sqlite3", "server.log", "ledger.bin"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        for marker in (*MARKERS, WORDS):
            for spelling in spellings(marker):
                assert spelling not in content, (path.name, "a planted text was found")
        assert zlib.compress(MARKERS[0].encode())[2:-4] not in content


def test_the_search_itself_finds_what_is_there(tmp_path: Path) -> None:
    for place, spelling in enumerate(spellings(MARKERS[3])):
        (tmp_path / f"{place}").write_bytes(b"x" * 7 + spelling + b"y" * 9)
    found = [path for path in tmp_path.iterdir() if any(s in path.read_bytes() for s in spellings(MARKERS[3]))]
    assert len(found) == len(list(spellings(MARKERS[3])))


def test_nothing_opens_with_everything_that_is_there(seized: Path) -> None:
    """Try every secret of the configuration and every short blob of the database as a key to every sealed thing."""
    rows = sqlite3.connect(f"file:{seized / 'casework.sqlite3'}?mode=ro", uri=True)
    configuration = json.loads((seized / "configuration.json").read_text())
    seeds = [bytes.fromhex(value) for name, value in configuration.items() if name != "SECRET_KEY"]
    seeds += [configuration["SECRET_KEY"].encode()[:32].ljust(32, b"\0"), bytes(32)]
    for table, column in (("caseworker_staffkey", "verifier"), ("requests_app_sealedrecord", "commitment")):
        seeds += [bytes(row[0]) for row in rows.execute(f"SELECT {column} FROM {table}")]
    sealed = [bytes(row[0]) for row in rows.execute("SELECT sealed FROM requests_app_recordkey")]
    sealed += [bytes(row[0]) for row in rows.execute("SELECT sealed FROM caseworker_circlegrant")]
    sealed += [bytes(row[0]) for row in rows.execute("SELECT sealed FROM caseworker_circleescrow")]
    wrapped = [bytes(row[0]) for row in rows.execute("SELECT wrapped_seed FROM caseworker_staffkey")]
    wrapped += [bytes(row[0]) for row in rows.execute("SELECT envelope FROM requests_app_sealedfield")]
    assert len(sealed) >= 6
    assert len(wrapped) >= 6
    for seed in seeds:
        for box in sealed:
            with pytest.raises(VaultError):
                open_sealed(box, seed=seed, info=ctx("dek"))
        for box in wrapped:
            with pytest.raises(VaultError):
                unwrap(box, key=seed, associated_data=b"")


def test_no_backup_opens_with_everything_that_is_there(seized: Path) -> None:
    """Neither the settings nor any blob of the database opens the key of a backup file, or is one."""
    rows = sqlite3.connect(f"file:{seized / 'casework.sqlite3'}?mode=ro", uri=True)
    keys = [bytes(32), *(bytes(row[0])[:32] for row in rows.execute("SELECT verifier FROM caseworker_staffkey"))]
    keys += [bytes(row[0])[-48:-16] for row in rows.execute("SELECT wrapped_seed FROM caseworker_staffkey")]
    stored = list((seized / "backups").glob("*.bin"))
    assert len(stored) == 3
    for path in stored:
        with path.open("rb") as file:
            header, raw = read_header(file)
            place = file.tell()
            for key in keys:
                file.seek(place)
                with pytest.raises(VaultError):
                    list(decrypted(file, raw_header=raw, key=key))
                for lock in header.locks:
                    info = ctx(KEY_PURPOSE, *header.place, lock.key_id)
                    with pytest.raises(VaultError):
                        open_sealed(lock.box, seed=key, info=info)


def test_the_sessions_were_never_on_the_disk(seized: Path) -> None:
    names = {path.name for path in seized.rglob("*")}
    assert not names & {"boot.key", "ephemeral.sqlite3", "ephemeral.sqlite3-wal"}
