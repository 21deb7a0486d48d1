"""How the backups are: what the security page and ``manage.py backup_status`` say, without the name of any file."""

import datetime as dt
from dataclasses import dataclass

from caseworker.backups.folder import KEPT, backup_folder, is_switched_on, stored_in
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.enums import BackupKind
from caseworker.models.backups import BackupRun
from caseworker.vault.containers import Stream

LATEST_BACKUP, LATEST_DRILL = dt.timedelta(days=2), dt.timedelta(days=365)


@dataclass(frozen=True)
class BackupStatus:
    """The newest backup, the oldest key file, the last drill, and whether anything is overdue."""

    is_on: bool
    made_at: dt.datetime | None
    main_bytes: int
    key_bytes: int
    rows: int
    problem: str
    key_days: int | None
    drilled_on: dt.date | None
    drill_problem: str
    backup_is_late: bool
    keys_are_late: bool
    drill_is_late: bool

    @property
    def is_fine(self) -> bool:
        """Tell whether nobody has to do anything."""
        return self.is_on and not (self.backup_is_late or self.keys_are_late or self.drill_is_late or self.problem)


def _last(kind: BackupKind, *, good: bool | None = None) -> BackupRun | None:
    runs = BackupRun.objects.filter(kind=kind).order_by("-ran_at", "id")
    return (runs.filter(problem="") if good else runs).first()


def _label(run: BackupRun | None) -> str:
    return str(Problem(run.problem).label) if run is not None and run.problem else ""


def _oldest_keys(now: dt.datetime) -> dt.timedelta | None:
    """Return the age of the oldest key file, or None where this process cannot see one."""
    try:
        found = [one.made_at for one in stored_in(backup_folder()) if one.header.stream is Stream.KEYS]
    except (BackupRefused, OSError):
        return None
    return now - min(found) if found else None


def _is_older(run: BackupRun | None, limit: dt.timedelta, now: dt.datetime) -> bool:
    return run is None or now - run.ran_at > limit


def backup_status(*, now: dt.datetime) -> BackupStatus:
    """Return how the backups are."""
    made, drilled = _last(BackupKind.BACKUP, good=True), _last(BackupKind.DRILL, good=True)
    keys = _oldest_keys(now)
    return BackupStatus(
        is_on=is_switched_on(),
        made_at=made.ran_at if made else None,
        main_bytes=made.main_bytes if made else 0,
        key_bytes=made.key_bytes if made else 0,
        rows=made.rows if made else 0,
        problem=_label(_last(BackupKind.BACKUP)),
        key_days=None if keys is None else keys.days,
        drilled_on=drilled.ran_at.date() if drilled else None,
        drill_problem=_label(_last(BackupKind.DRILL)),
        backup_is_late=_is_older(made, LATEST_BACKUP, now),
        keys_are_late=keys is not None and keys > KEPT[Stream.KEYS] + dt.timedelta(days=2),
        drill_is_late=_is_older(drilled, LATEST_DRILL, now),
    )
