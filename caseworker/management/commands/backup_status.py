"""Say how the backups are, for a monitor: numbers and days, no name of a file."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from caseworker import clock
from caseworker.queries_backups import BackupStatus, backup_status


def _lines(status: BackupStatus, age_hours: int | None) -> list[str]:
    return [
        f"casework_backup_on {int(status.is_on)}",
        f"casework_backup_age_hours {'NaN' if age_hours is None else age_hours}",
        f"casework_backup_late {int(status.backup_is_late)}",
        f"casework_backup_failed {int(bool(status.problem))}",
        f"casework_backup_bytes {status.main_bytes + status.key_bytes}",
        f"casework_backup_key_days {'NaN' if status.key_days is None else status.key_days}",
        f"casework_backup_keys_late {int(status.keys_are_late)}",
        f"casework_restore_drill_late {int(status.drill_is_late)}",
    ]


class Command(BaseCommand):
    """Exit with 1 when somebody has to do something."""

    help = "Print the state of the backups as metrics; fails when something is overdue."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the lines."""
        now = clock.now()
        status = backup_status(now=now)
        hours = int((now - status.made_at).total_seconds() // 3600) if status.made_at else None
        self.stdout.write("\n".join(_lines(status, hours)))
        if not status.is_fine:
            sys.exit(1)
