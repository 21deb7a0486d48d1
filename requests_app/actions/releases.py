"""From counters to a published month: proposed by one person, approved by another, frozen by a job, then published. Forward only."""

import datetime as dt
import secrets
import uuid
from itertools import accumulate

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.jobs import enqueue
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from caseworker.version import VERSION
from requests_app.enums import ReleaseState
from requests_app.models.counts import CountCell, PrivacyLedgerEntry, Release, ReleaseCell
from requests_app.queries.releases import FINAL, document_of, recent_totals, true_counts
from requests_app.statistics.disclosure import protect_month
from requests_app.statistics.periods import is_due, is_too_small
from requests_app.statistics.sampler import RandBelow
from requests_app.statistics.tables import TABLE_BY_CODE, TABLES

EPOCH = 1
MONTHLY = "monthly"
FREEZE_TASK = "requests_app.tasks.freeze_release"


def _record(release: Release, verb: AuditVerb, *, actor: Caseworker | None, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="release", object_id=release.id, now=now)


def _advance(release: Release, here: ReleaseState, there: ReleaseState, **changes: object) -> None:
    """Move the state forward if it is still *here*; raises ``StaleVersion`` otherwise."""
    if Release.objects.filter(id=release.id, state=here).update(state=there, **changes) != 1:
        raise StaleVersion(_("Somebody else has already acted on this release."))
    release.refresh_from_db()


@transaction.atomic
def record_look(month: dt.date, *, actor: Caseworker, now: dt.datetime) -> None:
    """Write down that somebody looked at the true counts of a month."""
    check(actor, Permission.VIEW_TRUE_COUNTS)
    audit.record(actor=actor, verb=AuditVerb.VIEW_TRUE_COUNTS, kind=f"month:{month:%Y-%m}", object_id=None, now=now)


@transaction.atomic
def propose_release(month: dt.date, *, actor: Caseworker, now: dt.datetime) -> Release:
    """Propose to publish *month*; nothing is drawn yet.

    Raises ``PolicyRefused`` before the 15th of the month after next, when it was proposed already, when it has no counters, or when the
    last three totals are too small for single months.
    """
    check(actor, Permission.PROPOSE_RELEASE)
    if not is_due(month, now.date()):
        raise PolicyRefused(_("This month may be published from the 15th of the month after next."))
    if Release.objects.filter(epoch=EPOCH, period=month).exclude(state=ReleaseState.REJECTED).exists():
        raise PolicyRefused(_("This month has a release already. A month is drawn once."))
    if not CountCell.objects.filter(month=month).exists():
        raise PolicyRefused(_("Nothing was counted in this month."))
    if is_too_small(recent_totals(month)):
        raise PolicyRefused(_("The last three months were too small to publish one by one."))
    release = Release.objects.create(
        id=uuid.uuid4(),
        epoch=EPOCH,
        period=month,
        kind=MONTHLY,
        made_by=actor,
        proposed_on=now.date(),
        software=VERSION,
    )
    _record(release, AuditVerb.PROPOSE_RELEASE, actor=actor, now=now)
    return release


@transaction.atomic
def approve_release(release: Release, *, actor: Caseworker, now: dt.datetime) -> Release:
    """Approve what somebody else proposed, and hand the freeze to a background job in the same transaction."""
    check(actor, Permission.APPROVE_RELEASE)
    if release.made_by_id == actor.id:
        raise PolicyRefused(_("Whoever proposed a release cannot approve it."))
    _advance(release, ReleaseState.AWAITING, ReleaseState.APPROVED, approved_by=actor)
    _record(release, AuditVerb.APPROVE_RELEASE, actor=actor, now=now)
    enqueue(FREEZE_TASK, str(release.id))
    return release


@transaction.atomic
def reject_release(release: Release, *, actor: Caseworker, now: dt.datetime) -> Release:
    """Send a proposal back; the month may be proposed again."""
    check(actor, Permission.APPROVE_RELEASE)
    _advance(release, ReleaseState.AWAITING, ReleaseState.REJECTED)
    _record(release, AuditVerb.REJECT_RELEASE, actor=actor, now=now)
    return release


def _charge(release: Release) -> None:
    """Write what each table costs a person, and the bound for somebody first counted in this month, however many months follow."""
    bounds = accumulate(table.epsilon_thousandths * table.cap for table in TABLES)
    PrivacyLedgerEntry.objects.bulk_create(
        PrivacyLedgerEntry(
            release=release,
            epoch=release.epoch,
            period=release.period,
            table=table.code,
            kind=release.kind,
            epsilon=table.epsilon_thousandths,
            cumulative=bound,
        )
        for table, bound in zip(TABLES, bounds, strict=True)
    )


def _previous_hash(release: Release) -> str:
    """Return the content hash that no release follows yet, or nothing for the first."""
    final = Release.objects.filter(state__in=FINAL).exclude(id=release.id)
    last = final.exclude(content_hash__in=final.values("previous_hash")).order_by("-frozen_on", "-period", "id").first()
    return last.content_hash if last else ""


def _lock_chain(release_id: uuid.UUID) -> Release:
    """Return the release with all releases locked: two freezes at once would both follow the same one."""
    list(Release.objects.select_for_update().order_by("id").values_list("id", flat=True))
    return Release.objects.get(id=release_id)


@transaction.atomic
def freeze_release(release_id: uuid.UUID, *, now: dt.datetime, randbelow: RandBelow = secrets.randbelow) -> Release:
    """Draw the month once: cells, ledger, hash chain and the destruction of the counters in one transaction under a lock.

    Idempotent: a release that is frozen already is returned as it is. A crash before the commit has shown nothing to anyone.
    """
    release = _lock_chain(release_id)
    if release.state in FINAL:
        return release
    if release.state != ReleaseState.APPROVED:
        raise PolicyRefused(_("Only an approved release is frozen."))
    protected = protect_month(true_counts(release.period), randbelow=randbelow)
    ReleaseCell.objects.bulk_create(
        ReleaseCell(release=release, table=code, version=TABLE_BY_CODE[code].version, cls=cls, value=value)
        for code, cells in protected.tables.items()
        for cls, value in cells.items()
    )
    _charge(release)
    CountCell.objects.filter(month=release.period).delete()
    release.previous_hash = _previous_hash(release)
    digest = document_of(release).content_hash()
    changes = {"frozen_on": now.date(), "previous_hash": release.previous_hash, "content_hash": digest}
    _advance(release, ReleaseState.APPROVED, ReleaseState.FROZEN, **changes)
    _record(release, AuditVerb.FREEZE_RELEASE, actor=None, now=now)
    return release


@transaction.atomic
def publish_release(release: Release, *, actor: Caseworker, now: dt.datetime) -> Release:
    """Declare a frozen release published."""
    check(actor, Permission.PUBLISH_RELEASE)
    _advance(release, ReleaseState.FROZEN, ReleaseState.PUBLISHED, published_on=now.date())
    _record(release, AuditVerb.PUBLISH_RELEASE, actor=actor, now=now)
    return release


@transaction.atomic
def record_download(release: Release, *, actor: Caseworker, now: dt.datetime) -> None:
    """Write down that somebody took a file of a release."""
    check(actor, Permission.DOWNLOAD_RELEASE)
    if release.state not in FINAL:
        raise PolicyRefused(_("The release is not frozen yet."))
    _record(release, AuditVerb.DOWNLOAD_RELEASE, actor=actor, now=now)
