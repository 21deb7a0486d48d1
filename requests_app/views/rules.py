"""The lead's pages about country rules and targets of stages."""

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app import pages_rules
from requests_app.actions import rules as actions
from requests_app.clock_codes import RuleKind
from requests_app.enums import Country
from requests_app.forms.rules import ReverifyForm, RuleForm, TargetForm
from requests_app.queries import rules as queries

USUAL_PERIOD = dt.timedelta(days=182)


@requires(Permission.KEEP_RULES)
@require_GET
def country_rules(request: SignedInRequest) -> HttpResponse:
    """List every version of every limit, and which should be looked up again."""
    context = pages_rules.rules_values(queries.all_rules(), clock.now().date())
    return render(request, "requests_app/rules/list.html", context)


def _draft(data: dict[str, Any]) -> actions.RuleDraft:
    codes = {"country": Country(data["country"]), "kind": RuleKind(data["kind"])}
    return actions.RuleDraft(**(data | codes))


def _prefilled(request: SignedInRequest) -> dict[str, Any]:
    """Return the codes of the version to supersede, named in the address; codes only, and anything else is left out."""
    codes = {name: request.GET.get(name, "") for name in ("country", "kind")}
    return codes | {"reverify_by": clock.now().date() + USUAL_PERIOD}


@replayable
@requires(Permission.KEEP_RULES)
@require_http_methods(["GET", "POST"])
def add_country_rule(request: SignedInRequest) -> HttpResponse:
    """Add a version; a refusal keeps what was typed."""
    form, status = RuleForm(request.POST or None, initial=_prefilled(request)), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_rule_version(_draft(form.cleaned_data), actor=request.user, now=clock.now())
        except (PolicyRefused, StaleVersion) as refusal:
            form.add_error(None, str(refusal.message))
            status = 409 if isinstance(refusal, StaleVersion) else 403
        else:
            return redirect("country_rules")
    return render(request, "requests_app/rules/add.html", {"form": form}, status=status)


@replayable
@requires(Permission.KEEP_RULES)
@require_http_methods(["GET", "POST"])
def country_rule(request: SignedInRequest, rule_id: uuid.UUID) -> HttpResponse:
    """Show one version, and say that it was looked up and still holds."""
    rule, today, status = queries.rule_or_404(rule_id), clock.now().date(), 200
    usual = {"reverify_by": today + USUAL_PERIOD, "source": rule.source if rule.has_own_source else ""}
    form = ReverifyForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reverify_rule(rule, **form.cleaned_data, actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
            status = 403
        else:
            return redirect("country_rules")
    values = pages_rules.rule_values(rule, queries.chain_of(rule), today)
    context = {"form": form, "country": rule.country, "kind": rule.kind} | values
    return render(request, "requests_app/rules/rule.html", context, status=status)


@requires(Permission.KEEP_RULES)
@require_GET
def stage_targets(request: SignedInRequest) -> HttpResponse:
    """List the stages whose target is a number of hours."""
    return render(request, "requests_app/rules/targets.html", {"rows": pages_rules.target_rows(queries.targets())})


@replayable
@requires(Permission.KEEP_RULES)
@require_http_methods(["GET", "POST"])
def stage_target(request: SignedInRequest, stage: str) -> HttpResponse:
    """Show and change the hours of one stage."""
    line = next((one for one in queries.targets() if one.stage == stage), None)
    if line is None:
        raise Http404
    form, status = (
        TargetForm(request.POST or None, initial={str(one): hours for one, hours in (line.own or {}).items()}),
        200,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_stage_target(line.stage, form.hours(), actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
            status = 403
        else:
            return redirect("stage_targets")
    context = {"form": form, "row": pages_rules.target_rows([line])[0]}
    return render(request, "requests_app/rules/target.html", context, status=status)
