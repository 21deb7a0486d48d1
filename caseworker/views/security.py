"""The security page: one fragment per concern, each with its own prepared values."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission
from caseworker.queries_backups import backup_status


@requires(Permission.VIEW_SECURITY)
@require_GET
def security(request: SignedInRequest) -> HttpResponse:
    """Show what the security officer has to know today."""
    return render(request, "caseworker/security/page.html", {"backup": backup_status(now=clock.now())})
