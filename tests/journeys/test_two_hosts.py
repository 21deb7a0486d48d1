"""Two coordinators on two hosts, with boot keys of their own and one PostgreSQL, rotate, read, write and remove at the same time."""

import json
from pathlib import Path

import pytest

from tests.journeys.installation import Installation, installation

pytestmark = pytest.mark.journey
PREPARE = """
import uuid
from tests.journeys.inside import present_cast
from django.db import transaction
from caseworker.models.accounts import Caseworker
from caseworker.actions.circles import admit_member, renew_circle
from requests_app.enums import SealedKind
from requests_app.sealed import ToSeal, seal_records
from tests.cast import START
from tests.factories import make_request
cast = present_cast()
ring, boris = cast.boris.keyring(), cast.boris.person
Caseworker.objects.filter(alias="mallory").update(status="active")
admit_member(cast.north, cast.clara.person, keyring=ring, actor=boris, now=START)
for _ in range(8):
    make_request(cast)
batch = [ToSeal(uuid.uuid4(), {"text": f"fx_{n}"}) for n in range(400)]
with transaction.atomic():
    seal_records(SealedKind.NOTE, batch, circles=[cast.north], now=START)
renew_circle(cast.north, keyring=ring, actor=boris, now=START)
"""
LOOK = """
import json
from tests.journeys.inside import present_cast
from caseworker import audit
from caseworker.models.audit import AuditEvent
from caseworker.models.keys import CircleEscrow, CircleGrant, CircleKey
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import open_record
cast = present_cast()
for member in (cast.boris, cast.clara):
    ring = member.keyring()
    for record in SealedRecord.objects.all():
        open_record(record, keyring=ring)
keys = CircleKey.objects.filter(circle=cast.north)
old = keys.filter(state="destroyed")
print(json.dumps({
    "records": SealedRecord.objects.count(), "keys": RecordKey.objects.count(),
    "versions": keys.count(), "destroyed": old.count(), "active": keys.filter(state="active").count(),
    "left": CircleGrant.objects.filter(circle_key__in=old).count() + CircleEscrow.objects.filter(circle_key__in=old).count(),
    "ended": list(AuditEvent.objects.filter(verb="destroy_circle_key").values_list("object_id", flat=True).distinct()).__len__(),
    "endings": AuditEvent.objects.filter(verb="destroy_circle_key").count(),
    "dropped": AuditEvent.objects.filter(verb="drop_record_key").count(),
    "mallory": CircleGrant.objects.filter(staff_key__person=cast.mallory.person).count(),
    "whole": audit.verify().is_whole,
}))
"""


def _together(here: Installation, jobs: dict[str, tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Start a coordinator per host, let them begin at the same moment, and return what each did."""
    running = {
        host: here.start("-m", "tests.journeys.coordinating", alias, what, host=host)
        for host, (alias, what) in jobs.items()
    }
    for process in running.values():
        assert process.stdout is not None
        process.stdout.readline()
    for process in running.values():
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    return {host: json.loads(here.finish(process, host).splitlines()[-1]) for host, process in running.items()}


@pytest.mark.parametrize("what", ["renew", "remove"])
def test_two_hosts_lose_no_key(what: str, tmp_path: Path) -> None:
    with installation("postgresql", tmp_path) as here:
        here.open_host("two")
        here.run("-c", PREPARE)
        done = _together(here, {"one": ("boris", "rotate"), "two": ("clara", what)})
        boot_keys = {(tmp_path / f"memory-{host}" / "boot.key").read_bytes() for host in ("one", "two")}
        found = json.loads(here.run("-c", LOOK))
    assert len(boot_keys) == 2
    assert all(work["moved"] and work["opened"] and work["revealed"] and work["sealed"] for work in done.values()), done
    assert done["two"]["renewed"] == (2 if what == "renew" else 1)
    versions = 2 + done["two"]["renewed"]
    assert found == {
        "records": found["records"], "keys": 2 * found["records"], "versions": versions, "destroyed": versions - 1,
        "active": 1, "left": 0, "ended": versions - 1, "endings": versions - 1, "dropped": 0,
        "mallory": found["mallory"], "whole": True,
    }  # fmt: skip
    assert found["records"] == 408 + sum(work["sealed"] for work in done.values())
    assert (found["mallory"] == 0) is (what == "remove")
