"""Fifty people send a move of the same cases at the same moment, through the page: one wins each case, nobody loses a word."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from caseworker import audit
from requests_app.models.cases import Case, StageSpell
from requests_app.models.notes import Note
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[Member], Client]
CROWD, CASES = 50, 5


def sessions(cast: Cast, sign_in: SignIn) -> list[Client]:
    """Return as many clients as there are senders: a coordinator and a lead on two devices each, many windows on every one."""
    opened = [sign_in(member) for member in (cast.boris, cast.boris, cast.eva, cast.eva)]
    clients = []
    for number in range(CROWD):
        client = Client()
        client.cookies = opened[number % len(opened)].cookies.copy()
        clients.append(client)
    return clients


def test_fifty_moves_at_once_have_one_winner_a_case_and_losers_keep_their_text(
    cast: Cast, sign_in: SignIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_args, **_options: None)
    settings.CLOCK_OFFSET = START - dt.datetime.now(dt.UTC)
    cases = [make_case(cast) for _ in range(CASES)]
    answers: list[tuple[int, int, str]] = []
    faults: list[BaseException] = []
    start = threading.Barrier(CROWD)

    def send(number: int, client: Client) -> None:
        case = cases[number % CASES]
        typed = {"version": case.version, "there": "verification", "note": f"What number {number} wrote."}
        try:
            start.wait(timeout=60)
            answer = client.post(reverse("move_case", args=[case.id]), typed)
            answers.append((number, answer.status_code, answer.content.decode()))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in enumerate(sessions(cast, sign_in))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert faults == []
    assert len(answers) == CROWD
    won = Counter(number % CASES for number, status, _page in answers if status == 302)
    assert won == Counter(range(CASES)), "each case once"
    for number, status, page in answers:
        if status != 302:
            assert status == 409, number
            assert f"What number {number} wrote." in page
    assert set(Case.objects.values_list("stage", "version")) == {("verification", 2)}
    assert StageSpell.objects.filter(left_on__isnull=True).count() == CASES
    assert StageSpell.objects.count() == 2 * CASES
    assert Note.objects.count() == audit_verbs().count("move_stage") == CASES
    assert audit.verify().is_whole
