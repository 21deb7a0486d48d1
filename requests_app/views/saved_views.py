"""Saved views: keep the filters of the queue, name them from the list, delete them."""

import uuid

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app import pages_queues as pages
from requests_app.actions import saved_views as actions
from requests_app.enums import ViewName
from requests_app.forms.queues import NameViewForm, SaveViewForm
from requests_app.models.queues import SavedView
from requests_app.queries import colleagues
from requests_app.views.queues import filter_form, own_circles


def _page(request: SignedInRequest, *, form: SaveViewForm | None = None, status: int = 200) -> HttpResponse:
    views = colleagues.views_of(request.user)
    forms = {id_: NameViewForm(initial={"name": view.name}, auto_id=f"name-{id_}-%s") for id_, view in views.items()}
    context = {"lines": pages.view_lines(views, forms), "form": form}
    return render(request, "requests_app/queues/views.html", context, status=status)


@requires(Permission.SAVE_VIEW)
@require_GET
def saved_views(request: SignedInRequest) -> HttpResponse:
    """List one's own views and those of one's circles."""
    return _page(request)


@replayable
@requires(Permission.SAVE_VIEW)
@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the filters that the queue was shown with."""
    filters = filter_form(QueryDict(request.POST.get("filters", "")), request.user)
    form = SaveViewForm(request.POST, circles=own_circles(request.user, filters))
    if not form.is_valid():
        return _page(request, form=form, status=400)
    try:
        actions.save_view(
            filters.known(),
            circle=form.cleaned_data["scope"],
            name=form.cleaned_data["name"],
            actor=request.user,
            now=clock.now(),
        )
    except PolicyRefused as refusal:
        form.add_error(None, str(refusal.message))
        return _page(request, form=form, status=403)
    return redirect("saved_views")


def _view(request: SignedInRequest, view_id: uuid.UUID) -> SavedView:
    found: SavedView = get_object_or_404(SavedView.objects.visible_to(request.user), id=view_id)
    return found


@replayable
@requires(Permission.SAVE_VIEW)
@require_POST
def name(request: SignedInRequest, view_id: uuid.UUID) -> HttpResponse:
    """Give a view another name from the list."""
    view, form = _view(request, view_id), NameViewForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400)
    chosen = ViewName(form.cleaned_data["name"]) if form.cleaned_data["name"] else None
    actions.name_view(view, chosen, actor=request.user, now=clock.now())
    return redirect("saved_views")


@requires(Permission.SAVE_VIEW)
@require_POST
def drop(request: SignedInRequest, view_id: uuid.UUID) -> HttpResponse:
    """Delete a view."""
    actions.drop_view(_view(request, view_id), actor=request.user, now=clock.now())
    return redirect("saved_views")
