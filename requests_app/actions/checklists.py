"""Checklists: answers about a case, and the questions themselves, which a lead edits."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.enums import CheckOutcome, Stage
from requests_app.linter import tells_of_a_person
from requests_app.models.cases import Case
from requests_app.models.work import ChecklistAnswer, ChecklistItem
from requests_app.policies import check_not_erased, check_not_locked, check_not_paused


@dataclass(frozen=True)
class Wording:
    """A question in both languages, and whether it is asked."""

    en: str
    ru: str
    is_on: bool = True


@transaction.atomic
def answer_checklist(
    case: Case, answers: Mapping[UUID, CheckOutcome], *, actor: Caseworker, now: dt.datetime
) -> list[ChecklistAnswer]:
    """Write the answers that are new or changed, with who and the day; return them. Only questions of the present stage are answered."""
    check(actor, Permission.WORK_CASE)
    check_not_erased(case)
    check_not_paused(case)
    check_not_locked(case)
    asked = set(ChecklistItem.objects.filter(stage=case.stage, is_current=True).values_list("id", flat=True))
    if not set(answers) <= asked:
        raise PolicyRefused(_("The checklist was changed meanwhile, or the case has moved. Look at it again."))
    given = dict(ChecklistAnswer.objects.filter(case=case).values_list("item_id", "answer"))
    written = []
    for item_id, answer in answers.items():
        if given.get(item_id) != answer:
            facts = {"answer": answer, "answered_by": actor, "answered_on": now.date()}
            row, _made = ChecklistAnswer.objects.update_or_create(case=case, item_id=item_id, defaults=facts)
            written.append(row)
    audit.record(actor=actor, verb=AuditVerb.ANSWER_CHECKLIST, kind="case", object_id=case.id, now=now)
    return written


def _check_wording(wording: Wording) -> None:
    if not (wording.en.strip() and wording.ru.strip()):
        raise PolicyRefused(_("Write the question in English and in Russian."))
    if tells_of_a_person(wording.en) or tells_of_a_person(wording.ru):
        raise PolicyRefused(
            _("A question holds no digits, names, handles or links: it is the same for everybody and is not sealed.")
        )


@transaction.atomic
def add_checklist_item(stage: Stage, wording: Wording, *, actor: Caseworker, now: dt.datetime) -> ChecklistItem:
    """Add a question at the end of a stage's checklist; a lead's decision."""
    check(actor, Permission.EDIT_CHECKLISTS)
    _check_wording(wording)
    last = ChecklistItem.objects.filter(stage=stage).aggregate(last=Max("place"))["last"]
    made = ChecklistItem.objects.create(
        stage=stage,
        place=(last or 0) + 1,
        text_en=wording.en,
        text_ru=wording.ru,
        is_on=wording.is_on,
        made_on=now.date(),
        made_by=actor,
    )
    audit.record(actor=actor, verb=AuditVerb.ADD_CHECKLIST_ITEM, kind="checklist", object_id=made.id, now=now)
    return made


@transaction.atomic
def change_checklist_item(
    item: ChecklistItem, wording: Wording, *, actor: Caseworker, now: dt.datetime
) -> ChecklistItem:
    """Replace a question by a new version, which is asked anew everywhere, or switch it off or on; nothing is deleted.

    Raises ``StaleVersion`` when somebody changed it meanwhile.
    """
    check(actor, Permission.EDIT_CHECKLISTS)
    _check_wording(wording)
    same = (item.text_en, item.text_ru) == (wording.en, wording.ru)
    current = ChecklistItem.objects.filter(id=item.id, is_current=True, is_on=item.is_on)
    if current.update(is_current=same, is_on=wording.is_on if same else item.is_on) != 1:
        raise StaleVersion
    if same:
        item.is_on = wording.is_on
    else:
        item = ChecklistItem.objects.create(
            item=item.item,
            version=item.version + 1,
            stage=item.stage,
            place=item.place,
            text_en=wording.en,
            text_ru=wording.ru,
            is_on=wording.is_on,
            made_on=now.date(),
            made_by=actor,
        )
    audit.record(actor=actor, verb=AuditVerb.CHANGE_CHECKLIST_ITEM, kind="checklist", object_id=item.id, now=now)
    return item
