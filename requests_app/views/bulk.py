"""Several cases at once: choose on the queue, look at the preview, confirm, and take it back within 15 minutes."""

import uuid
from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission, check
from requests_app import bulk as loop
from requests_app import pages_queues as pages
from requests_app.actions.bulk import KINDS, Change
from requests_app.bulk import MOST_CASES, Pick
from requests_app.enums import BulkKind
from requests_app.forms.queues import BulkForm, PicksForm, parse_picks
from requests_app.models.cases import Case
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.queries import colleagues, queues
from requests_app.views.queues import filter_form


def _form(request: SignedInRequest) -> BulkForm:
    return BulkForm(request.POST, people=colleagues.coordinators_for(request.user))


def _picks(request: SignedInRequest) -> list[Pick]:
    """Return the ticked cases, or the first 200 of the queue when all of it was asked for."""
    if request.POST.get("everything"):
        filters = filter_form(QueryDict(request.POST.get("filters", "")), request.user).known()
        first = queues.first_cases(request.user, filters, now=clock.now(), limit=MOST_CASES)
        return [Pick(*row) for row in first.values_list("id", "version")]
    return (parse_picks(request.POST.getlist("pick")) or [])[:MOST_CASES]


def _asked_again(request: SignedInRequest, form: Any, problem: str = "") -> HttpResponse:
    """Say what is missing, with the way back to the queue."""
    context = {"form": form, "problem": problem, "query": request.POST.get("filters", "")[:400]}
    return render(request, "requests_app/queues/bulk_again.html", context, status=400)


def _check_kind(request: SignedInRequest, change: Change) -> None:
    check(request.user, KINDS[change.kind].permission)


@requires(Permission.WORK_CASE)
@require_POST
def preview(request: SignedInRequest) -> HttpResponse:
    """Show which of the chosen cases would change and which would not, and why. Nothing is changed."""
    form, picks = _form(request), _picks(request)
    if not form.is_valid():
        return _asked_again(request, form)
    if not picks:
        return _asked_again(request, form, _("Tick the cases in the list first."))
    change = form.change()
    _check_kind(request, change)
    rows = loop.rehearse(picks, change, person=request.user, now=clock.now())
    context = pages.preview_values(rows, asked=len(picks))
    context |= {
        "what": pages.change_words(change.kind, change.code, change.owner),
        "fields": form.spoken(),
        "coarsens": change.kind is BulkKind.CLOSE,
        "picks_form": PicksForm(initial={"picks": context["picks"]}),
        "query": filter_form(QueryDict(request.POST.get("filters", "")), request.user).query(),
    }
    return render(request, "requests_app/queues/bulk_preview.html", context)


@requires(Permission.WORK_CASE)
@require_POST
def run(request: SignedInRequest) -> HttpResponse:
    """Change what the preview showed; sent twice, it counts once."""
    form, picked = _form(request), PicksForm(request.POST)
    if not form.is_valid() or not picked.is_valid():
        return _asked_again(request, picked if form.is_valid() else form)
    change, batch_id = form.change(), picked.cleaned_data["batch"]
    _check_kind(request, change)
    try:
        loop.run(picked.cleaned_data["picks"], change, batch_id=batch_id, person=request.user, now=clock.now())
    except IntegrityError:
        _batch(request, batch_id)
    return redirect("bulk_batch", batch_id)


def _batch(request: SignedInRequest, batch_id: uuid.UUID) -> BulkBatch:
    """Return a batch of one's own, else 404."""
    found: BulkBatch = get_object_or_404(
        BulkBatch.objects.select_related("new_owner"), id=batch_id, made_by=request.user
    )
    return found


@requires(Permission.WORK_CASE)
@require_GET
def batch(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Show what became of each case that one may still know of."""
    found, now = _batch(request, batch_id), clock.now()
    visible = Case.objects.visible_to(request.user, now=now)
    rows = BulkChange.objects.filter(batch=found, case__in=visible).select_related("case")
    context = pages.batch_values(found, list(rows.order_by("case__reference", "id")), now=now)
    return render(request, "requests_app/queues/bulk_batch.html", context)


@requires(Permission.WORK_CASE)
@require_POST
def take_back(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Put back what can be put back."""
    loop.take_back(_batch(request, batch_id), person=request.user, now=clock.now())
    return redirect("bulk_batch", batch_id)
