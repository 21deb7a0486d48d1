"""Country rules and the organization's own targets: a lead keeps them. What has begun under an old rule goes on under it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.clock_codes import RuleKind
from requests_app.clocks import LONGEST_RULE_DAYS
from requests_app.enums import Country, Stage, Urgency
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.deadlines import LONGEST_TARGET_HOURS, StageTarget
from requests_app.models.stays import CountryRule, CountryStay, is_own_source
from requests_app.queries.due import due_changes
from requests_app.stages import OWN_TARGETS

LONGEST_UNVERIFIED = dt.timedelta(days=366)


@dataclass(frozen=True)
class RuleDraft:
    """A new version as the lead writes it; ``limit_days`` None: the country has dropped the limit."""

    country: Country
    kind: RuleKind
    limit_days: int | None
    window_days: int | None
    effective_from: dt.date
    source: str
    reverify_by: dt.date


def _check_draft(draft: RuleDraft, now: dt.datetime) -> None:
    if (draft.kind == RuleKind.ROLLING) != bool(draft.window_days):
        raise PolicyRefused(_("A period belongs to days in any period, and to no other kind of limit."))
    longest = draft.window_days or LONGEST_RULE_DAYS
    if max(draft.limit_days or 0, longest) > LONGEST_RULE_DAYS or (draft.limit_days or 0) > longest:
        raise PolicyRefused(_("The limit is longer than its period, or than ten years. Look at the numbers."))
    if draft.effective_from > now.date() + LONGEST_UNVERIFIED:
        raise PolicyRefused(_("The day lies more than a year ahead. Look at the year."))
    _check_source(draft.source)
    _check_reverify_by(draft.reverify_by, now)


def _check_source(source: str) -> None:
    if not is_own_source(source):
        raise PolicyRefused(_("Say where the rule was read: the law, the authority, the page."))


def _check_reverify_by(day: dt.date, now: dt.datetime) -> None:
    if not now.date() < day <= now.date() + LONGEST_UNVERIFIED:
        raise PolicyRefused(_("A rule is looked up again within a year. Choose a day from tomorrow to a year ahead."))


def refresh_due(cases: CaseQuerySet) -> None:
    """Compute anew when each of *cases* is due, without claiming a version: whoever has one open keeps it."""
    for case in cases.filter(is_open=True, erasure_due_at__isnull=True).order_by("id").iterator(chunk_size=200):
        Case.objects.filter(id=case.id, version=case.version).update(**due_changes(case))


@transaction.atomic
def add_rule_version(draft: RuleDraft, *, actor: Caseworker, now: dt.datetime) -> CountryRule:
    """Add a version, verified today; stays that began under an earlier one keep it, and the queue goes by the earlier end of the two.

    Raises ``PolicyRefused`` for a version that begins before the one it supersedes, ``StaleVersion`` when somebody added one meanwhile.
    """
    check(actor, Permission.KEEP_RULES)
    _check_draft(draft, now)
    earlier = CountryRule.objects.filter(country=draft.country, kind=draft.kind).order_by("-version").first()
    if earlier and draft.effective_from < earlier.effective_from:
        raise PolicyRefused(_("The version before begins later than this one. Look at the day."))
    made, is_new = CountryRule.objects.get_or_create(
        country=draft.country,
        kind=draft.kind,
        version=earlier.version + 1 if earlier else 1,
        defaults={
            "limit_days": draft.limit_days,
            "window_days": draft.window_days,
            "effective_from": draft.effective_from,
            "source": draft.source.strip(),
            "verified_on": now.date(),
            "reverify_by": draft.reverify_by,
        },
    )
    if not is_new:
        raise StaleVersion
    staying = CountryStay.objects.filter(country=draft.country, left_on__isnull=True)
    refresh_due(Case.objects.filter(id__in=staying.values("case_id")))
    audit.record(actor=actor, verb=AuditVerb.ADD_RULE_VERSION, kind="country_rule", object_id=made.id, now=now)
    return made


@transaction.atomic
def reverify_rule(
    rule: CountryRule, reverify_by: dt.date, *, source: str, actor: Caseworker, now: dt.datetime
) -> CountryRule:
    """Say that the rule was looked up today at *source* and still holds; another source than the rule's makes a version that allows the same.

    Raises ``PolicyRefused`` without a source, and for another source when there is a newer version.
    """
    check(actor, Permission.KEEP_RULES)
    _check_source(source)
    _check_reverify_by(reverify_by, now)
    if source.strip() != rule.source:
        return _read_elsewhere(rule, source, reverify_by, actor=actor, now=now)
    rule.verified_on, rule.reverify_by = now.date(), reverify_by
    rule.save(update_fields=["verified_on", "reverify_by"])
    audit.record(actor=actor, verb=AuditVerb.REVERIFY_RULE, kind="country_rule", object_id=rule.id, now=now)
    return rule


def _read_elsewhere(
    rule: CountryRule, source: str, reverify_by: dt.date, *, actor: Caseworker, now: dt.datetime
) -> CountryRule:
    if CountryRule.objects.filter(country=rule.country, kind=rule.kind, version__gt=rule.version).exists():
        raise PolicyRefused(_("There is a newer version of this rule. Look that one up."))
    draft = RuleDraft(
        country=Country(rule.country),
        kind=RuleKind(rule.kind),
        limit_days=rule.limit_days,
        window_days=rule.window_days,
        effective_from=rule.effective_from,
        source=source,
        reverify_by=reverify_by,
    )
    return add_rule_version(draft, actor=actor, now=now)


@transaction.atomic
def set_stage_target(
    stage: Stage, hours: Mapping[Urgency, int] | None, *, actor: Caseworker, now: dt.datetime
) -> StageTarget | None:
    """Give a stage targets of the organization's own, or, with None, those of the table again; open cases there are due anew at once."""
    check(actor, Permission.KEEP_RULES)
    if stage not in OWN_TARGETS:
        raise PolicyRefused(_("The target of this stage is a date, not a number of hours."))
    made = None
    if hours is None:
        StageTarget.objects.filter(stage=stage).delete()
    else:
        made = _own_target(stage, hours)
    refresh_due(Case.objects.filter(stage=stage))
    audit.record(actor=actor, verb=AuditVerb.SET_STAGE_TARGET, kind=str(stage), object_id=None, now=now)
    return made


def _own_target(stage: Stage, hours: Mapping[Urgency, int]) -> StageTarget:
    ordered = [hours[urgency] for urgency in Urgency]
    if not all(1 <= one <= LONGEST_TARGET_HOURS for one in ordered) or ordered != sorted(ordered):
        raise PolicyRefused(
            _("Targets are 1 to 8,784 hours, and the more urgent never has more time than the less urgent.")
        )
    columns = ("now_hours", "days_3_hours", "weeks_2_hours", "routine_hours")
    made, _is_new = StageTarget.objects.update_or_create(stage=stage, defaults=dict(zip(columns, ordered, strict=True)))
    return made
