"""Several cases at once: choose on the queue, look at the preview, confirm, and take it back within 15 minutes."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission, check
from caseworker.replay import replayable
from requests_app import bulk as loop
from requests_app import pages_queues as pages
from requests_app.actions.bulk import KINDS, Change
from requests_app.bulk import MOST_CASES, Pick
from requests_app.enums import BulkKind
from requests_app.forms.queues import BulkForm, PicksForm, QueueFilterForm, parse_picks
from requests_app.models.cases import Case
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.queries import colleagues, queues
from requests_app.views.queues import bulk_values, filter_form


def _form(request: SignedInRequest) -> BulkForm:
    return BulkForm(request.POST, people=colleagues.active_coordinators_for(request.user))


def _filters(request: SignedInRequest) -> QueueFilterForm:
    return filter_form(QueryDict(request.POST.get("filters", "")), request.user)


def _picks(request: SignedInRequest, filters: QueueFilterForm) -> tuple[list[Pick], int]:
    """Return the ticked cases, or the first 200 of the queue when all of it was asked for, and how many more it has."""
    if not request.POST.get("everything"):
        return (parse_picks(request.POST.getlist("pick")) or [])[:MOST_CASES], 0
    asked, now = filters.known(), clock.now()
    first = queues.first_cases(request.user, asked, now=now, limit=MOST_CASES)
    picks = [Pick(*row) for row in first.values_list("id", "version")]
    is_full = len(picks) == MOST_CASES
    return picks, queues.number_of_cases(request.user, asked, now=now) - MOST_CASES if is_full else 0


def _asked_again(request: SignedInRequest, form: Any, picks: Sequence[Pick] = (), problem: str = "") -> HttpResponse:
    """Say what is missing and ask again with the cases as they were chosen; without any, show the way back to the queue."""
    filters = _filters(request)
    context = {
        "bound": form,
        "problem": problem,
        "query": filters.query(),
        "everything": bool(request.POST.get("everything")),
        "picks": [pick.text() for pick in picks],
    }
    if picks:
        context |= bulk_values(request.user, list(filters.people.values()), form)
    return render(request, "requests_app/queues/bulk_again.html", context, status=400)


def _check_kind(request: SignedInRequest, change: Change) -> None:
    check(request.user, KINDS[change.kind].permission)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def preview(request: SignedInRequest) -> HttpResponse:
    """Show which of the chosen cases would change and which would not, and why. Nothing is changed."""
    form, filters, now = _form(request), _filters(request), clock.now()
    picks, left_out = _picks(request, filters)
    if not picks:
        return _asked_again(request, form, problem=_("Tick the cases in the list first."))
    if not form.is_valid():
        return _asked_again(request, form, picks)
    change = form.change()
    _check_kind(request, change)
    rows = loop.rehearse(picks, change, person=request.user, now=now)
    context = pages.preview_values(rows, asked=len(picks), left_out=left_out)
    context |= {
        "what": pages.change_words(change.kind, change.code, change.owner),
        "fields": form.spoken(),
        "erased": pages.erasure_words(change.code, now.date()) if change.kind is BulkKind.CLOSE else "",
        "picks_form": PicksForm(initial={"picks": context["picks"]}),
        "query": filters.query(),
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
    return _to_batch(batch_id, _filters(request))


def _to_batch(batch_id: uuid.UUID, filters: QueueFilterForm) -> HttpResponse:
    """Lead to what became of the cases; the address keeps the filters in codes, for the way back."""
    query = filters.query()
    return redirect(reverse("bulk_batch", args=[batch_id]) + (f"?{query}" if query else ""))


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
    context["query"] = filter_form(request.GET, request.user).query()
    return render(request, "requests_app/queues/bulk_batch.html", context)


@requires(Permission.WORK_CASE)
@require_POST
def take_back(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Put back what can be put back."""
    loop.take_back(_batch(request, batch_id), person=request.user, now=clock.now())
    return _to_batch(batch_id, _filters(request))
