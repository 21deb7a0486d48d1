"""Counts and releases: restricted true counts, proposal, approval, the frozen month and its files, the ledger."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import CaseworkError, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from requests_app.actions import releases as actions
from requests_app.enums import ReleaseState
from requests_app.models.counts import Release
from requests_app.queries import releases as queries
from requests_app.statistics import export, labels
from requests_app.statistics.periods import parse_month

FILES = {
    "csv": ("text/csv; charset=utf-8", ","),
    "excel": ("text/csv; charset=utf-8", ";"),
    "json": ("application/json", ""),
}


@requires(Permission.VIEW_TRUE_COUNTS)
@require_GET
def months(request: SignedInRequest) -> HttpResponse:
    """List months that are still counted, and whether each may be published."""
    return render(
        request, "requests_app/releases/months.html", {"months": queries.open_months(today=clock.now().date())}
    )


@requires(Permission.VIEW_TRUE_COUNTS)
@require_POST
def true_counts(request: SignedInRequest) -> HttpResponse:
    """Show the true counts of a month, on the answer only; the look is written to the audit chain."""
    month = parse_month(request.POST.get("month", ""))
    if month is None:
        raise PolicyRefused(_("Choose a month from the list."))
    actions.record_look(month, actor=request.user, now=clock.now())
    context = {"month": month, "code": f"{month:%Y-%m}", "tables": queries.shown_true_counts(month)}
    return render(request, "requests_app/releases/true_counts.html", context)


@requires(Permission.PROPOSE_RELEASE)
@require_http_methods(["POST"])
def propose(request: SignedInRequest) -> HttpResponse:
    """Propose a month; a refusal is shown above the list it came from."""
    month = parse_month(request.POST.get("month", ""))
    try:
        if month is None:
            raise PolicyRefused(_("Choose a month from the list."))
        release = actions.propose_release(month, actor=request.user, now=clock.now())
    except PolicyRefused as refusal:
        context = {"months": queries.open_months(today=clock.now().date()), "refusal": refusal.message}
        return render(request, "requests_app/releases/months.html", context, status=403)
    return redirect("release", release.id)


@requires(Permission.VIEW_RELEASES)
@require_GET
def release_list(request: SignedInRequest) -> HttpResponse:
    """List releases, newest month first."""
    return render(request, "requests_app/releases/list.html", {"releases": queries.releases()})


def _page(request: SignedInRequest, release: Release, *, refusal: CaseworkError | None = None) -> HttpResponse:
    final = release.state in queries.FINAL
    context = {
        "release": release,
        "is_final": final,
        "tables": queries.shown_release(release) if final else [],
        "note": labels.method_note(),
        "may_approve": release.state == ReleaseState.AWAITING and permits(request.user, Permission.APPROVE_RELEASE),
        "may_publish": release.state == ReleaseState.FROZEN and permits(request.user, Permission.PUBLISH_RELEASE),
        "may_download": final and permits(request.user, Permission.DOWNLOAD_RELEASE),
        "is_rejected": release.state == ReleaseState.REJECTED,
        "is_working": release.state == ReleaseState.APPROVED,
        "refusal": refusal.message if refusal else "",
    }
    return render(request, "requests_app/releases/release.html", context, status=403 if refusal else 200)


@requires(Permission.VIEW_RELEASES)
@require_GET
def release_page(request: SignedInRequest, release_id: uuid.UUID) -> HttpResponse:
    """Show one release: its parameters while it waits, its tables once it is frozen. Never a true count."""
    return _page(request, get_object_or_404(Release, id=release_id))


def _act(request: SignedInRequest, release_id: uuid.UUID, action: str) -> HttpResponse:
    release = get_object_or_404(Release, id=release_id)
    run = {"approve": actions.approve_release, "reject": actions.reject_release, "publish": actions.publish_release}[
        action
    ]
    actor: Caseworker = request.user
    try:
        run(release, actor=actor, now=clock.now())
    except PolicyRefused as refusal:
        return _page(request, release, refusal=refusal)
    return redirect("release", release_id)


@requires(Permission.APPROVE_RELEASE)
@require_POST
def approve(request: SignedInRequest, release_id: uuid.UUID) -> HttpResponse:
    """Approve a proposal; a background job freezes it."""
    return _act(request, release_id, "approve")


@requires(Permission.APPROVE_RELEASE)
@require_POST
def reject(request: SignedInRequest, release_id: uuid.UUID) -> HttpResponse:
    """Send a proposal back."""
    return _act(request, release_id, "reject")


@requires(Permission.PUBLISH_RELEASE)
@require_POST
def publish(request: SignedInRequest, release_id: uuid.UUID) -> HttpResponse:
    """Declare a frozen release published."""
    return _act(request, release_id, "publish")


@requires(Permission.DOWNLOAD_RELEASE)
@require_POST
def download(request: SignedInRequest, release_id: uuid.UUID, kind: str) -> HttpResponse:
    """Hand out a file of a frozen release; the same bytes every time."""
    release = get_object_or_404(Release, id=release_id)
    actions.record_download(release, actor=request.user, now=clock.now())
    document = queries.document_of(release)
    content_type, separator = FILES[kind]
    if kind == "json":
        content = export.json_file(document, notes=labels.method_notes())
    else:
        dimensions, classes = labels.dimension_labels(), labels.class_labels()
        content = export.csv_file(document, dimensions=dimensions, labels=classes, separator=separator)
    ending = "json" if kind == "json" else "csv"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="counts-{document.period}.{ending}"'
    return response


@requires(Permission.VIEW_LEDGER)
@require_GET
def ledger(request: SignedInRequest) -> HttpResponse:
    """Show what each table of each release may tell about one person."""
    return render(request, "requests_app/releases/ledger.html", {"entries": queries.ledger()})
