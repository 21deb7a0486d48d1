"""The way back when no security officer can sign in any more: from the server's terminal, seen in the audit chain."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from caseworker.enums import AccountStatus, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from caseworker.models.keys import CircleGrant
from caseworker.unlocking import active_key_of, unlock
from tests.cast import Cast, audit_verbs

pytestmark = pytest.mark.django_db
INPUT = "builtins.input"


def test_an_officer_is_made_when_none_can_sign_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Caseworker.objects.filter(role=Role.SECURITY_OFFICER).update(status=AccountStatus.LEFT)
    monkeypatch.setattr(INPUT, lambda: "vera")
    call_command("appoint_officer", "vera")
    made = Caseworker.objects.get(alias="vera")
    assert (made.role, made.status) == (Role.SECURITY_OFFICER, AccountStatus.ACTIVE)
    assert not CircleGrant.objects.filter(staff_key__person=made).exists()
    assert audit_verbs()[-1] == "enrol_person"
    assert AuditEvent.objects.order_by("-sequence")[0].actor_id is None
    words = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("words"))
    assert unlock(active_key_of(made), words.removeprefix("words").strip()) is not None


def _nothing() -> Any:
    raise EOFError


@pytest.mark.parametrize(
    ("alias", "typed", "says"),
    [
        ("vera", lambda: "vara", "not the alias"),
        ("vera", _nothing, "in a terminal"),
        ("BORIS", lambda: "BORIS", "taken"),
        ("v v", lambda: "v v", "letters, digits"),
    ],
)
def test_nothing_is_made_by_mistake(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, alias: str, typed: Any, says: str
) -> None:
    before = Caseworker.objects.count()
    monkeypatch.setattr(INPUT, typed)
    with pytest.raises(CommandError, match=says):
        call_command("appoint_officer", alias)
    assert Caseworker.objects.count() == before
