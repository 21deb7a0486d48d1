"""Today, the queues of cases and of requests, the workload, and the one button that takes the next case."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from requests_app import pages_queues as pages
from requests_app.actions import claiming
from requests_app.actions.bulk import KINDS
from requests_app.bulk import MOST_CASES
from requests_app.enums import BulkKind
from requests_app.forms.queues import BulkForm, QueueFilterForm, SaveViewForm, TriageFilterForm
from requests_app.queries import colleagues, queues
from requests_app.queries.queue_table import queues_of


def filter_form(data: QueryDict, person: Caseworker) -> QueueFilterForm:
    """Return the filters of *data* with what this person may ask for; two queries."""
    names = [(code, row.title) for code, row in queues_of(person).items()]
    people, circles = colleagues.active_coordinators_for(person), colleagues.circles_for(person)
    return QueueFilterForm(data, queues=names, people=list(people), circles=list(circles))


@requires(Permission.VIEW_CASES)
@require_GET
def today(request: SignedInRequest) -> HttpResponse:
    """Show the counted tiles, each a queue: the loud ones first, then the saved views."""
    person, now = request.user, clock.now()
    views = colleagues.views_of(person)
    filters = {id_: colleagues.filters_of(view) for id_, view in views.items()}
    counts, view_counts = queues.queue_counts(person, filters, now=now)
    others = queues.pages_of(person, now=now)
    context = pages.today_values(person, counts, others=others, views=views, view_counts=view_counts)
    return render(request, "requests_app/queues/today.html", context | {"may_claim": _may_claim(person)})


def _may_claim(person: Caseworker) -> bool:
    return permits(person, Permission.CLAIM_CASE)


def bulk_values(person: Caseworker, people: list[Caseworker], bound: BulkForm | None = None) -> dict[str, Any]:
    """Return the bar for several cases: the kinds that the role has, each with its own fields; *bound* is a form that was refused."""
    form = bound or BulkForm(people=Caseworker.objects.filter(id__in=[one.id for one in people]))
    form.fields["owner"].choices = [("", "—"), *((one.id, one.alias) for one in people)]  # type: ignore[attr-defined]
    fields = {BulkKind.STAGE: ("stage", "reason")}
    kinds = [
        {
            "code": kind.value,
            "label": kind.label,
            "fields": [form[name] for name in fields.get(kind, (BulkForm.FIELD_OF[kind],))],
        }
        for kind in BulkKind
        if permits(person, KINDS[kind].permission)
    ]
    return {"bulk_kinds": kinds, "most_cases": MOST_CASES}


@requires(Permission.VIEW_CASES)
@require_GET
def case_queue(request: SignedInRequest) -> HttpResponse:
    """List the cases of a queue in its order; filters are codes in the address, and what is unknown is said and left out."""
    form, person, now = filter_form(request.GET, request.user), request.user, clock.now()
    cursor = queues.parse_cursor(request.GET.get("after", ""))
    page = queues.queue_page(person, form.known(), cursor=cursor, now=now)
    query = form.query()
    context = {
        "form": form,
        "unknown": form.unknown(),
        "heading": queues.queue_of(form.known()).title,
        "rows": [pages.queue_row(row, now) for row in page.rows],
        "page": pages.page_links("case_queue", query, is_first=cursor is None, next_cursor=page.next_cursor),
        "query": query,
        "may_claim": _may_claim(person),
        "save_form": SaveViewForm(circles=own_circles(person, form), initial={"filters": query}),
        "to_take_back": queues.batch_to_take_back(person, now=now),
        **bulk_values(person, list(form.people.values())),
    }
    return render(request, "requests_app/queues/cases.html", context)


def own_circles(person: Caseworker, form: QueueFilterForm) -> list[Any]:
    """Return the circles that a view may be saved for: those that *person* reads; a lead reads none."""
    return list(form.circles.values()) if _may_claim(person) else []


@requires(Permission.VIEW_CASES)
@require_GET
def triage_queue(request: SignedInRequest) -> HttpResponse:
    """List undecided requests, most urgent and oldest first, with filters by codes."""
    form, after = TriageFilterForm(request.GET), queues.parse_triage_cursor(request.GET.get("after", ""))
    page = queues.triage_page(request.user, form.known(), after=after)
    context = {
        "form": form,
        "unknown": form.unknown(),
        "rows": [pages.triage_row(one) for one in page.rows],
        "page": pages.page_links("triage_queue", form.query(), is_first=after is None, next_cursor=page.next_cursor),
    }
    return render(request, "requests_app/queues/requests.html", context)


@requires(Permission.CLAIM_CASE)
@require_POST
def claim_next(request: SignedInRequest) -> HttpResponse:
    """Take the next free case, within the filters of the page the button stood on, and open it."""
    query = request.POST.get("filters", "")
    form = filter_form(QueryDict(query), request.user)
    case = claiming.claim_next(filters=form.known(), actor=request.user, now=clock.now())
    if case is not None:
        return redirect("case", case.id)
    return render(request, "requests_app/queues/nobody.html", {"query": form.query()})


@requires(Permission.VIEW_WORKLOAD)
@require_GET
def workload(request: SignedInRequest) -> HttpResponse:
    """Show how much each colleague has to do, in numbers."""
    now = clock.now()
    rows = colleagues.workload(request.user, now=now)
    nobody = colleagues.without_anybody(request.user, now=now)
    context = {"rows": pages.workload_rows(rows, nobody), "has_nobody": bool(nobody["open_cases"])}
    return render(request, "requests_app/queues/workload.html", context)
