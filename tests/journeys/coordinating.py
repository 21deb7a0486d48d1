"""One coordinator on one host: signs in through the real page, then rotates, reveals, writes and removes as fast as it goes.

Run as a module inside an installation: ``coordinating <alias> <what>``. It waits for a line on its input, so that two begin together.
"""

import json
import random
import sys
import time
import uuid

from tests.journeys.inside import present_cast  # first: it sets Django up

from django.db import connection, transaction  # isort: skip
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import remove_member, renew_circle
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleGrant
from requests_app.actions.rotation import rotate_step
from requests_app.enums import SealedKind
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record, seal_record
from tests.cast import START, Member

SECONDS, TURNS, REVEALS = 2.0, 6, 20


class Coordinator:
    """A member of the north circle at work."""

    def __init__(self, member: Member) -> None:
        self.cast = present_cast()
        self.member, self.ring = member, member.keyring()
        self.client, self.done = Client(), dict.fromkeys(("moved", "opened", "revealed", "sealed", "renewed"), 0)
        answer = self.client.post(reverse("sign_in"), {"alias": member.person.alias, "words": member.words, "code": ""})
        assert answer.status_code == 302, "sign-in failed"
        self.requests = list(HelpRequest.objects.order_by("id"))

    def rotate(self) -> None:
        """Move a few records; what another process is moving is left to it."""
        step = rotate_step(self.cast.north, keyring=self.ring, actor=self.member.person, now=START, limit=15)
        assert step.dropped == 0, "a key was lost"
        self.done["moved"] += step.moved

    def read(self) -> None:
        """Open some records, whichever version they are under at this moment, and reveal one through the page."""
        for record in random.sample(list(SealedRecord.objects.filter(kind=SealedKind.NOTE)), 5):
            assert open_record(record, keyring=self.ring)["text"].startswith("fx_")
            self.done["opened"] += 1
        if self.done["revealed"] < REVEALS:
            one = random.choice(self.requests)
            record = SealedRecord.objects.get(owner_id=one.id)
            address = reverse("reveal_request", args=[one.id])
            answer = self.client.post(address, {"record": record.id, "reason": "assess_request"})
            assert answer.status_code == 200, f"reveal answered {answer.status_code}"
            assert "fx_grove_heron_0001" in answer.content.decode()
            self.done["revealed"] += 1

    def write(self) -> None:
        """Seal something new to whichever version is active."""
        with transaction.atomic():
            seal_record(
                SealedKind.NOTE, {"text": "fx_new"}, owner_id=uuid.uuid4(), circles=[self.cast.north], now=START
            )
        self.done["sealed"] += 1

    def renew(self) -> None:
        """Give the circle a new key in the middle of the other's work."""
        renew_circle(self.cast.north, keyring=self.ring, actor=self.member.person, now=START)
        self.done["renewed"] += 1

    def remove(self) -> None:
        """Take Mallory out, once."""
        mallory = Caseworker.objects.get(alias="mallory")
        if CircleGrant.objects.filter(staff_key__person=mallory).exists():
            remove_member(self.cast.north, mallory, keyring=self.ring, actor=self.member.person, now=START)
            self.done["renewed"] += 1


def work(alias: str, what: str) -> dict[str, int]:
    """Work until time is up and nothing is left to rotate; return what was done."""
    one = Coordinator(present_cast().all()[alias])
    connection.close()
    print("ready", flush=True)
    sys.stdin.readline()
    ends, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends or turn < TURNS:
        turn += 1
        one.rotate()
        one.read()
        one.write()
        if turn in {2, 5} and what == "renew":
            one.renew()
        if turn == 3 and what == "remove":
            one.remove()
    while not rotate_step(one.cast.north, keyring=one.ring, actor=one.member.person, now=START, limit=500).finished:
        time.sleep(0.01)
    assert one.client.get(reverse("circles")).status_code == 200, "the session did not last"
    return one.done


if __name__ == "__main__":
    print(json.dumps(work(*sys.argv[1:3])), flush=True)
