"""The search: what is typed comes in the body of a POST and goes nowhere; an answer is in codes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.permissions import Permission
from caseworker.replay import replayable
from caseworker.vault.keyring import KeyRing
from requests_app.actions.reveals import alert_of_found
from requests_app.actions.searching import may_search, search_tags
from requests_app.forms.duplicates import SearchForm
from requests_app.models.cases import Case
from requests_app.pages_duplicates import match_row
from requests_app.queries.duplicates import coded_matches, matches


def _page(request: SignedInRequest, form: SearchForm, *, status: int = 200, **values: Any) -> HttpResponse:
    return render(request, "requests_app/duplicates/search.html", {"form": form} | values, status=status)


@requires(Permission.SEARCH)
@replayable
@require_http_methods(["GET", "POST"])
def search(request: SignedInRequest) -> HttpResponse:
    """Show the form; look for what was typed among everything the person's circles hold."""
    if request.method == "GET":
        return _page(request, SearchForm())
    return _search(request)  # type: ignore[call-arg]


@unlocked
def _search(request: SignedInRequest, *, keyring: KeyRing) -> HttpResponse:
    form, now = SearchForm(request.POST), clock.now()
    if not form.is_valid():
        return _page(request, form)
    if not may_search(request.user, now):
        form.add_error(None, _("You have searched 120 times in ten minutes. Wait a little, then search again."))
        return _page(request, form, status=429)
    typed = form.cleaned_data["typed"]
    found = search_tags(typed, keyring=keyring, actor=request.user, now=now)
    by_tags = matches(request.user, found.hits, now=now)
    alert_of_found([one.subject for one in by_tags if isinstance(one.subject, Case)], request.user, now)
    known = {match.subject.id for match in by_tags}
    coded = [match for match in coded_matches(request.user, typed, now=now) if match.subject.id not in known]
    rows = [match_row(match) for match in (*coded, *by_tags)]
    return _page(request, form, rows=rows, searched=True, is_behind=found.is_behind)
