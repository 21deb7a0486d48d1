"""Erase somebody, then search everything: database files, logs of the database, sessions, job tables, logs, temporary files, a dump."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.journeys.installation import Installation, installation
from tests.journeys.search import byte_spellings, found_in, spellings
from tests.journeys.test_seizure import MARKERS

pytestmark = pytest.mark.journey
KEPT = {
    "person": [
        "caseworker_auditevent.object_id",
        "requests_app_case.id",
        "requests_app_erasureentry.subject_id",
        "requests_app_helprequest.case_id",
        "requests_app_helprequest.id",
    ],
    "code": ["requests_app_erasureentry.code_hash"],
    "records": ["caseworker_auditevent.object_id"],
}
"""Opaque ids that stay: the husks, the ledger, and the audit chain, which must not break."""


def _postgres_home(here: Installation) -> Path:
    return Path(parse_qs(urlsplit(here.url).query)["host"][0])


def _set_up_as_documented(here: Installation) -> None:
    """Set what docs/deploy asks for, on the running server."""
    with psycopg.connect(here.url, autocommit=True) as admin:
        for setting in ("wal_recycle = off", "wal_keep_size = 0", "archive_timeout = '1h'", "full_page_writes = on"):
            admin.execute(f"ALTER SYSTEM SET {setting}")
        admin.execute("SELECT pg_reload_conf()")


def _flush(here: Installation) -> list[Path]:
    """Write everything to the disk and return the folders to search."""
    folders = [here.home]
    if here.url:
        with psycopg.connect(here.url, autocommit=True) as admin:
            admin.execute("ANALYZE")
            admin.execute("CHECKPOINT")
        folders.append(_postgres_home(here))
    return folders


def _dump(here: Installation) -> None:
    """Put a dump beside the data where the machine can make one."""
    tool = shutil.which("pg_dump")
    if here.url and tool:
        dump = subprocess.run([tool, here.url], capture_output=True, check=False)
        (here.home / "var" / "dump.sql").write_bytes(dump.stdout)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_erased_person_is_found_nowhere(kind: str, tmp_path: Path) -> None:
    with installation(kind, tmp_path) as here:
        if here.url:
            _set_up_as_documented(here)
        life = json.loads(here.run("-m", "tests.journeys.erasing", "live").splitlines()[-1])
        texts = {marker: list(spellings(marker)) for marker in MARKERS}
        needles = {name: list(byte_spellings(bytes.fromhex(value))) for name, value in life["needles"].items()}
        assert len(needles) > 30
        before = found_in(_flush(here), needles)
        stored = {name for name in needles if not name.startswith("data key")}
        missed = stored - {name for name, _path in before}
        assert not missed, "the search does not find what is there"
        argument = json.dumps([life["person"], life["code"], life["records"]])
        left = json.loads(here.run("-m", "tests.journeys.erasing", "erase", argument).splitlines()[-1])
        _dump(here)
        assert found_in(_flush(here), needles | texts) == set()
    assert left == KEPT
