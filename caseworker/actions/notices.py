"""Choose notices, prove the address by a code that was sent to it, and drop them again. Each for oneself only."""

import datetime as dt
import hmac

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb, NoticeChannel, NoticeLevel
from caseworker.exceptions import PolicyRefused
from caseworker.jobs import enqueue
from caseworker.models.accounts import Caseworker
from caseworker.models.notices import NoticeChoice
from caseworker.notices.addresses import code_hash, seal_address
from caseworker.notices.times import CODE_LASTS, CODE_TRIES, CODES_AN_HOUR
from caseworker.permissions import Permission, check
from caseworker.throttle import count_use

SEND_CODES = "requests_app.tasks.send_notice_codes"


def _count_code(person: Caseworker) -> None:
    if count_use("notice-code", str(person.id), window=dt.timedelta(hours=1)) > CODES_AN_HOUR:
        raise PolicyRefused(_("Too many codes were sent. Wait an hour, then ask for a new one."))


@transaction.atomic
def choose_notices(
    level: NoticeLevel, channel: NoticeChannel, address: str, *, actor: Caseworker, now: dt.datetime
) -> NoticeChoice:
    """Keep what *actor* chose; an empty *address* keeps the present one. A new address, or one not yet proven, is sent a code.

    Raises ``PolicyRefused`` where this installation does not send by the *channel*, where there is no address to keep, and after six
    codes within an hour.
    """
    check(actor, Permission.OWN_ACCOUNT)
    if channel not in settings.NOTICE_CHANNELS:
        raise PolicyRefused(_("This installation does not send notices this way."))
    present = NoticeChoice.objects.select_for_update().filter(person=actor).first()
    is_kept = present is not None and not address and present.channel == channel
    if not (address or is_kept):
        raise PolicyRefused(_("Enter the address."))
    if present is not None and is_kept and present.confirmed_at is not None:
        present.level = level
        present.save(update_fields=["level"])
    else:
        _count_code(actor)
        sealed = bytes(present.address) if present is not None and is_kept else seal_address(address, actor.id)
        NoticeChoice.objects.filter(person=actor).delete()
        present = NoticeChoice.objects.create(person=actor, level=level, channel=channel, address=sealed, chosen_at=now)
        enqueue(SEND_CODES)
    audit.record(actor=actor, verb=AuditVerb.CHOOSE_NOTICES, kind="caseworker", object_id=actor.id, now=now)
    return present


@transaction.atomic
def confirm_notices(code: str, *, actor: Caseworker, now: dt.datetime) -> bool:
    """Take the code as proof that *actor* reads the address; tell whether it was the right one.

    Raises ``PolicyRefused`` when no code is out, when it is older than half an hour, and after five wrong ones.
    """
    check(actor, Permission.OWN_ACCOUNT)
    choice = NoticeChoice.objects.select_for_update().filter(person=actor, confirmed_at__isnull=True).first()
    sent_at = choice.code_sent_at if choice is not None else None
    if choice is None or sent_at is None or now - sent_at > CODE_LASTS or choice.code_tries >= CODE_TRIES:
        raise PolicyRefused(_("There is no code to confirm any more. Ask for a new one."))
    if not hmac.compare_digest(choice.code_hash, code_hash(code, actor.id)):
        choice.code_tries += 1
        choice.save(update_fields=["code_tries"])
        return False
    choice.code_hash = ""
    choice.confirmed_at = choice.looked_at = choice.reminded_at = now
    choice.failures, choice.problem = 0, ""
    choice.save()
    audit.record(actor=actor, verb=AuditVerb.CONFIRM_NOTICES, kind="caseworker", object_id=actor.id, now=now)
    return True


@transaction.atomic
def drop_notices(*, actor: Caseworker, now: dt.datetime) -> None:
    """Send nothing to *actor* any more, and forget the address."""
    check(actor, Permission.OWN_ACCOUNT)
    forget_notices(actor, now)
    audit.record(actor=actor, verb=AuditVerb.DROP_NOTICES, kind="caseworker", object_id=actor.id, now=now)


def forget_notices(person: Caseworker, _at: dt.datetime) -> None:
    """Forget the address of somebody who leaves, is suspended, has another role, or whose words are lost: it may be read by another."""
    NoticeChoice.objects.filter(person=person).delete()
