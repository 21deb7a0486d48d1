"""Which table goes into which stream: one table over all models. A model in none of the three is found by a test.

What lies in the key stream can die: its files are deleted after 14 days, and then nothing in the older main streams opens any more, not even
with the recovery sheets, unless a younger key stream still holds the key. The order is the order of loading.
"""

from collections.abc import Mapping

from django.apps import apps
from django.db.models import Model

from caseworker.vault.containers import Stream

MAIN_TABLES = (
    "caseworker.Circle",
    "caseworker.Caseworker",
    "caseworker.Absence",
    "caseworker.AuditEvent",
    "caseworker.AuditHead",
    "caseworker.BackupRun",
    "caseworker.PanicState",
    "caseworker.Alarm",
    "requests_app.Case",
    "requests_app.HelpRequest",
    "requests_app.DuplicatePair",
    "requests_app.CaseMerge",
    "requests_app.AccessGrant",
    "requests_app.Handover",
    "requests_app.RetentionHold",
    "requests_app.VerificationCheck",
    "requests_app.StageSpell",
    "requests_app.Deadline",
    "requests_app.StageTarget",
    "requests_app.CountryRule",
    "requests_app.CountryStay",
    "requests_app.StayClock",
    "requests_app.SavedView",
    "requests_app.SealedRecord",
    "requests_app.SealedField",
    "requests_app.Asset",
    "requests_app.PartnerKey",
    "requests_app.AssetUse",
    "requests_app.PersonLink",
    "requests_app.Consent",
    "requests_app.Referral",
    "requests_app.Reveal",
    "requests_app.CaseLock",
    "requests_app.Honeytoken",
    "requests_app.ContactPoint",
    "requests_app.Note",
    "requests_app.ChecklistItem",
    "requests_app.ChecklistAnswer",
    "requests_app.ContactAttempt",
    "requests_app.Task",
    "requests_app.CountCell",
    "requests_app.Release",
    "requests_app.ReleaseCell",
    "requests_app.PrivacyLedgerEntry",
    "requests_app.PublicStatement",
    "requests_app.ErasureEntry",
)
KEY_TABLES = (
    "caseworker.RecoveryKey",
    "caseworker.CircleKey",
    "caseworker.StaffKey",
    "caseworker.CircleGrant",
    "caseworker.CircleEscrow",
    "caseworker.Invitation",
    "caseworker.RecoveryRequest",
    "caseworker.RecoveryItem",
    "caseworker.RecoveryDrill",
    "mfa.Authenticator",
    "requests_app.RecordKey",
)
LEDGER_TABLES = ("requests_app.ErasureEntry",)

TABLES: Mapping[Stream, tuple[str, ...]] = {
    Stream.MAIN: MAIN_TABLES,
    Stream.KEYS: KEY_TABLES,
    Stream.LEDGER: LEDGER_TABLES,
}

EMPTIED: Mapping[str, str] = {
    "requests_app.DuplicateEntry": "made anew at the next unlocking; kept, they would find people who were erased since",
    "caseworker.NoticeChoice": "addresses of people who work here stay on the server; they choose again",
    "caseworker.JobDelivery": "deliveries of queue rows that are not kept",
    "django_q.OrmQ": "signed pickles: a restored queue would run code from a file",
    "django_q.Task": "failures of a day, purged nightly",
    "django_q.Schedule": "made anew from the table in code",
    "requests_app.BulkBatch": "lives a day, can be undone for 15 minutes",
    "requests_app.BulkChange": "lives a day, can be undone for 15 minutes",
    "account.EmailAddress": "unused: nobody has an address here",
    "account.EmailConfirmation": "unused: nobody has an address here",
}
"""Not kept, and emptied when something is restored; with the reason."""

LEFT_ALONE: Mapping[str, str] = {
    "caseworker.SessionRow": "dies at power-off: ephemeral database",
    "caseworker.AttemptCounter": "dies at power-off: ephemeral database",
    "contenttypes.ContentType": "made by migrate",
    "auth.Permission": "made by migrate, used by nothing",
    "auth.Group": "used by nothing",
    "auth.Group_permissions": "used by nothing",
}
"""Not kept and not touched; with the reason."""


def models_of(labels: tuple[str, ...]) -> list[type[Model]]:
    """Return the models in the order of the table."""
    return [model_of(label) for label in labels]


def model_of(label: str) -> type[Model]:
    """Return the model with this label, those that Django makes itself too."""
    app_label, name = label.split(".")
    model: type[Model] = apps.get_app_config(app_label).get_model(name)
    return model
