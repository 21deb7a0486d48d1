"""Pairs of requests with a contact in common, deciding on them, merging and taking a merge apart."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.permissions import Permission
from caseworker.vault.keyring import KeyRing
from requests_app import pages_duplicates as pages
from requests_app.actions.duplicates import decide_pair, earlier_first
from requests_app.actions.merging import UNDO_WITHIN, merge_cases, undo_merge
from requests_app.actions.tagging import compare_for
from requests_app.duplicate_codes import PairDecision
from requests_app.forms.duplicates import MergeForm, PairForm
from requests_app.models.cases import Case
from requests_app.models.duplicates import DuplicatePair
from requests_app.queries import duplicates as queries

PATIENCE = 8.0
"""Seconds of comparing for one press of the button, well under the 30 s of a web worker."""


@requires(Permission.DECIDE_DUPLICATES)
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """List the pairs nobody has decided on, and the merges that can still be undone."""
    now = clock.now()
    merges = queries.merges_to_undo(request.user, since=now.date() - UNDO_WITHIN, now=now)
    context = {
        "rows": [pages.pair_row(pair) for pair in queries.pairs_to_decide(request.user, now=now)],
        "merges": [pages.merge_line(merge, merge.merged_on + UNDO_WITHIN) for merge in merges],
    }
    return render(request, "requests_app/duplicates/queue.html", context)


@requires(Permission.DECIDE_DUPLICATES)
@require_POST
@unlocked
def compare(request: SignedInRequest, *, keyring: KeyRing) -> HttpResponse:
    """Compare what came in since, for as long as somebody is patient."""
    compare_for(PATIENCE, keyring=keyring, member=request.user, at=clock.now())
    return redirect("duplicates")


def _pair_page(
    request: SignedInRequest, pair: DuplicatePair, form: PairForm | None, *, status: int = 200
) -> HttpResponse:
    ordered = earlier_first(pair.low, pair.high)
    context: dict[str, Any] = pages.pair_values(pair, ordered, clock.now())
    context |= {"form": None if pair.decision else form or PairForm(), "bound": form}
    return render(request, "requests_app/duplicates/pair.html", context, status=status)


def _leads_to_merge(pair: DuplicatePair, decision: PairDecision) -> bool:
    low, high = pair.low.case_id, pair.high.case_id
    return decision is PairDecision.SAME and low is not None and high is not None and low != high


@requires(Permission.DECIDE_DUPLICATES)
@require_http_methods(["GET", "POST"])
def pair(request: SignedInRequest, pair_id: uuid.UUID) -> HttpResponse:
    """Show two requests side by side in codes, and take the decision; one person with two cases leads to the merge."""
    now = clock.now()
    shown = queries.pair_or_404(pair_id, person=request.user, now=now)
    if request.method == "GET":
        return _pair_page(request, shown, None)
    form = PairForm(request.POST)
    if not form.is_valid():
        return _pair_page(request, shown, form)
    decision = PairDecision(form.cleaned_data["decision"])
    if _leads_to_merge(shown, decision):
        return redirect("merge_pair", shown.id)
    try:
        changed = decide_pair(shown, decision, actor=request.user, now=now)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        status = 409 if isinstance(refusal, StaleVersion) else 403
        shown.refresh_from_db()
        return _pair_page(request, shown, form, status=status)
    return redirect("case", changed.id) if isinstance(changed, Case) else redirect("duplicates")


def _merge_page(
    request: SignedInRequest, older: Case, younger: Case, form: MergeForm, *, status: int = 200
) -> HttpResponse:
    initial = {"older_version": older.version, "younger_version": younger.version}
    context = {
        "sides": pages.merge_sides(older, younger, clock.now()),
        "warning": pages.merge_warning(older, younger),
        "form": form,
        "fresh": MergeForm(initial=initial),
    }
    return render(request, "requests_app/duplicates/merge.html", context, status=status)


@requires(Permission.DECIDE_DUPLICATES)
@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pair_id: uuid.UUID) -> HttpResponse:
    """Ask whether two cases of one person become one, which stays, and do it; or write down only that it is one person."""
    now = clock.now()
    shown = queries.pair_or_404(pair_id, person=request.user, now=now)
    if not _leads_to_merge(shown, PairDecision.SAME):
        return redirect("pair", shown.id)
    older, younger = queries.older_first(shown.low.case, shown.high.case)  # type: ignore[arg-type]
    form = MergeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _merge_page(request, older, younger, form)
    try:
        if "keep" in request.POST:
            decide_pair(shown, PairDecision.SAME, actor=request.user, now=now)
            return redirect("duplicates")
        older.version, younger.version = form.versions()
        merge_cases(younger, older, actor=request.user, now=now)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        older.refresh_from_db()
        younger.refresh_from_db()
        status = 409 if isinstance(refusal, StaleVersion) else 403
        return _merge_page(request, older, younger, form, status=status)
    return redirect("case", older.id)


@requires(Permission.DECIDE_DUPLICATES)
@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, merge_id: uuid.UUID) -> HttpResponse:
    """Ask once more, then take a merge apart."""
    now = clock.now()
    done = queries.merge_or_404(merge_id, person=request.user, now=now)
    refusal: PolicyRefused | StaleVersion | None = None
    if request.method == "POST":
        try:
            return redirect("case", undo_merge(done, actor=request.user, now=now).id)
        except (PolicyRefused, StaleVersion) as refused:
            refusal = refused
    asked = _("%(merged)s becomes a case of its own again. Its requests, notes and texts go back to it; what came to %(survivor)s since stays there.") % {
        "merged": done.merged.reference,
        "survivor": done.survivor.reference,
    }  # fmt: skip
    confirm = {
        "title": _("Undo the merge"),
        "message": refusal.message if refusal else asked,
        "submit": _("Undo the merge"),
        "cancel_url": reverse("duplicates"),
        "tone": "alert" if refusal else "warn",
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, StaleVersion) else 403
    return render(request, "components/confirm.html", {"confirm": confirm}, status=status)
