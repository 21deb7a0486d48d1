"""What the demo's coordinators did in the last days: most tasks done, most people asked how they are. Some were missed, so that it shows."""

import datetime as dt

from django.db import transaction

from requests_app.actions.contacting import record_contact
from requests_app.actions.tasks import finish_task
from requests_app.demo.playing import END, Player
from requests_app.enums import Channel
from requests_app.enums_work import ContactResult
from requests_app.models.cases import Case
from requests_app.models.work import Task

MISSED_ONE_IN = 5


@transaction.atomic
def catch_up(player: Player) -> None:
    """Finish overdue tasks and record contacts, but for one in five."""
    now = END - dt.timedelta(hours=3)
    overdue = Task.objects.open().filter(due_at__lt=END, case__locked_on__isnull=True).select_related("case__owner")
    for task in overdue.order_by("due_at", "id"):
        if player.rng.randrange(MISSED_ONE_IN):
            finish_task(task, actor=task.case.owner or player.cast["boris"], now=now)
    silent = Case.objects.open().filter(check_in_due_at__lt=END).select_related("owner").order_by("id")
    for case in silent:
        if player.rng.randrange(MISSED_ONE_IN):
            actor, ago = case.owner or player.cast["boris"], dt.timedelta(hours=player.rng.randrange(12))
            record_contact(case, ContactResult.MADE, Channel.SIGNAL, actor=actor, now=now - ago)
