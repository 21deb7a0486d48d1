"""Alarms: once an hour, seen by two people, taken note of by somebody else."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from caseworker import audit
from caseworker.actions.alarms import acknowledge_alarm, raise_alarm, report_broken_chain
from caseworker.actions.circles import distrust_key
from caseworker.actions.people import enrol_person
from caseworker.enums import AlarmKind, AuditVerb, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.alarms import Alarm
from caseworker.models.audit import AuditEvent, AuditHead
from caseworker.models.keys import CircleKey
from caseworker.queries_panic import ALERTED, alarm_notice, alarms
from requests_app import tasks
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def test_the_same_alarm_rings_once_an_hour(cast: Cast) -> None:
    first = raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START)
    assert first is not None
    assert raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START) is None
    assert raise_alarm(AlarmKind.ODD_HOUR, actor=cast.clara.person, now=START)
    assert audit_verbs().count(AuditVerb.RAISE_ALARM) == 2
    assert first.hour.minute == 0


def test_every_kind_has_an_audience_of_officers() -> None:
    assert set(ALERTED) == set(AlarmKind)
    assert all(Role.SECURITY_OFFICER in roles for roles in ALERTED.values())
    assert Role.LEAD not in ALERTED[AlarmKind.HONEYTOKEN]


def test_officers_and_leads_see_a_notice_on_every_page_and_others_do_not(cast: Cast, sign_in: SignIn) -> None:
    raise_alarm(AlarmKind.REVEALS_PER_HOUR, actor=cast.boris.person, now=START)
    raise_alarm(AlarmKind.HONEYTOKEN, actor=cast.boris.person, now=START)
    pages = {
        name: sign_in(cast.all()[name]).get(reverse("profile")).content.decode() for name in ("sofia", "eva", "boris")
    }
    assert "More reveals in an hour" in pages["sofia"]
    assert "honeytoken" in pages["sofia"]
    assert "More reveals in an hour" in pages["eva"]
    assert "honeytoken" not in pages["eva"]
    assert "Open alarm" not in pages["boris"]


def test_nobody_is_warned_of_an_alarm_about_themselves(cast: Cast, sofia: Member) -> None:
    raise_alarm(AlarmKind.PANIC, actor=sofia.person, now=START)
    assert alarm_notice(sofia.person) == ""
    assert alarm_notice(cast.eva.person)


def test_taking_note_is_for_another_officer(cast: Cast, sofia: Member) -> None:
    alarm = raise_alarm(AlarmKind.PANIC, actor=sofia.person, now=START)
    assert alarm is not None
    with pytest.raises(PolicyRefused):
        acknowledge_alarm(alarm, actor=sofia.person, now=START)
    with pytest.raises(PermissionRefused):
        acknowledge_alarm(alarm, actor=cast.eva.person, now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(acknowledged_by=sofia.person, acknowledged_on=START.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(acknowledged_on=START.date())


def test_an_alarm_is_taken_note_of_once(cast: Cast, sofia: Member) -> None:
    stella = enrol_person("stella", Role.SECURITY_OFFICER, actor=None, now=START, words="stella has six words").person
    alarm = raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START)
    assert alarm is not None
    acknowledge_alarm(alarm, actor=sofia.person, now=START)
    assert acknowledge_alarm(alarm, actor=stella, now=START).acknowledged_by == sofia.person
    assert audit_verbs().count(AuditVerb.ACKNOWLEDGE_ALARM) == 1
    assert alarms(viewer=sofia.person)[0].noted_by == "sofia"


def test_an_unknown_kind_is_refused_by_the_table() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(kind="nothing", hour=START)


def test_a_chain_that_grows_while_it_is_walked_is_whole(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    walked, appended = audit.event_hash, []

    def append_meanwhile(event: AuditEvent) -> str:
        if len(appended) < 3 and not event._state.adding:
            appended.append(1)
            audit.record(actor=cast.boris.person, verb=AuditVerb.ADD_NOTE, kind="case", object_id=None, now=START)
        return walked(event)

    monkeypatch.setattr(audit, "event_hash", append_meanwhile)
    assert audit.verify().is_whole
    assert len(appended) == 3


def test_a_head_without_its_events_is_a_broken_chain(cast: Cast) -> None:
    AuditHead.objects.update(sequence=F("sequence") + 1)
    assert not audit.verify().is_whole


def test_a_broken_chain_rings(cast: Cast) -> None:
    assert report_broken_chain(START).is_whole
    AuditHead.objects.update(hash="f" * 64)
    tasks.verify_audit_chain()
    assert Alarm.objects.get().kind == AlarmKind.AUDIT_BROKEN


def test_the_command_that_verifies_rings_too(cast: Cast) -> None:
    AuditHead.objects.update(hash="f" * 64)
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
    assert Alarm.objects.get().kind == AlarmKind.AUDIT_BROKEN


def test_a_false_circle_key_rings(cast: Cast, boris: Member) -> None:
    distrust_key(CircleKey.objects.get(circle=cast.north), actor=boris.person, now=START)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.object_id) == (AlarmKind.FALSE_KEY, cast.north.id)
