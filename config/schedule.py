"""Everything that runs by itself, in one table; ``manage.py sync_schedules`` makes the database equal to it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheduled:
    """A job and how often it runs, in minutes."""

    name: str
    function: str
    every_minutes: int


SCHEDULES: tuple[Scheduled, ...] = (
    Scheduled("sweep_expired", "requests_app.tasks.sweep_expired", 15),
    Scheduled("erase_due", "requests_app.tasks.erase_due", 15),
    Scheduled("end_what_is_over", "requests_app.tasks.end_what_is_over", 15),
    Scheduled("sweep_retention", "requests_app.tasks.sweep_retention", 24 * 60),
    Scheduled("archive_due", "requests_app.tasks.archive_due", 24 * 60),
    Scheduled("coarsen_stays", "requests_app.tasks.coarsen_stays", 24 * 60),
    Scheduled("keep_honeytokens_quiet", "requests_app.tasks.keep_honeytokens_quiet", 24 * 60),
    Scheduled("verify_audit_chain", "requests_app.tasks.verify_audit_chain", 6 * 60),
    Scheduled("scrub_erased", "requests_app.tasks.scrub_erased", 24 * 60),
    Scheduled("make_backup", "requests_app.tasks.make_backup", 24 * 60),
    Scheduled("keep_ledger", "requests_app.tasks.keep_ledger", 5),
    Scheduled("send_notices", "requests_app.tasks.send_notices", 5),
    Scheduled("purge_job_rows", "requests_app.tasks.purge_job_rows", 24 * 60),
)
