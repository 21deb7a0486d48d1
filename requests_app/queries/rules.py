"""Country rules and targets, as the lead keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.shortcuts import get_object_or_404

from requests_app.enums import Stage, Urgency
from requests_app.models.deadlines import StageTarget
from requests_app.models.stays import CountryRule
from requests_app.queries.stays import Chain, chains, rules_of
from requests_app.stages import OWN_TARGETS, STAGES


def all_rules() -> list[Chain]:
    """Return every limit with its versions. One query."""
    return chains(CountryRule.objects.all())


def rule_or_404(rule_id: UUID) -> CountryRule:
    """Return a rule."""
    found: CountryRule = get_object_or_404(CountryRule, id=rule_id)
    return found


def chain_of(rule: CountryRule) -> Chain:
    """Return all versions of the limit that *rule* is one of."""
    return next(one for one in rules_of([rule.country]) if one[0].kind == rule.kind)


@dataclass(frozen=True)
class TargetLine:
    """A stage with the hours of the table and, if there are any, the organization's own."""

    stage: Stage
    table: Mapping[Urgency, int]
    own: Mapping[Urgency, int] | None


def targets() -> list[TargetLine]:
    """Return the stages whose target is a number of hours. One query."""
    own = {row.stage: row.hours() for row in StageTarget.objects.all()}
    return [TargetLine(stage, STAGES[stage].target.hours or {}, own.get(stage)) for stage in OWN_TARGETS]
