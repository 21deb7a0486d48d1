"""One's own notices: choose, prove the address, drop."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caseworker import clock
from caseworker.actions.notices import choose_notices, confirm_notices, drop_notices
from caseworker.decorators import SignedInRequest, requires
from caseworker.enums import NoticeChannel, NoticeLevel
from caseworker.exceptions import PolicyRefused
from caseworker.forms.notices import NoticeCodeForm, NoticesForm
from caseworker.permissions import Permission
from caseworker.queries_notices import NoticePage, notice_page


def _form(request: SignedInRequest, page: NoticePage, *, is_sent: bool) -> NoticesForm:
    channel = page.channel_code or next(iter(page.channels), "")
    initial = {"level": page.level_code or NoticeLevel.DIGEST, "channel": channel}
    data = request.POST if is_sent else None
    return NoticesForm(data, initial=initial, channels=page.channels, known=page.channel_code)


def _show(request: SignedInRequest, page: NoticePage, form: NoticesForm, code: NoticeCodeForm) -> HttpResponse:
    context = {"page": page, "form": form, "code_form": code, "summarised": code if code.errors else form}
    return render(request, "caseworker/notices.html", context)


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def notices(request: SignedInRequest) -> HttpResponse:
    """Show what is chosen, and choose."""
    page = notice_page(request.user)
    form = _form(request, page, is_sent=request.method == "POST")
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        level, channel = NoticeLevel(data["level"]), NoticeChannel(data["channel"])
        try:
            choose_notices(level, channel, data["address"], actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("notices")
    return _show(request, page, form, NoticeCodeForm())


@requires(Permission.OWN_ACCOUNT)
@require_POST
def new_code(request: SignedInRequest) -> HttpResponse:
    """Send another code to the address that is not proven yet."""
    page = notice_page(request.user)
    if page.is_chosen and not page.is_confirmed:
        level, channel = NoticeLevel(page.level_code), NoticeChannel(page.channel_code)
        choose_notices(level, channel, "", actor=request.user, now=clock.now())
    return redirect("notices")


@requires(Permission.OWN_ACCOUNT)
@require_POST
def confirm(request: SignedInRequest) -> HttpResponse:
    """Take the code."""
    code = NoticeCodeForm(request.POST)
    if code.is_valid():
        try:
            if confirm_notices(code.cleaned_data["code"], actor=request.user, now=clock.now()):
                return redirect("notices")
            code.add_error("code", _("This is not the code that was sent last. Look at the newest message."))
        except PolicyRefused as refusal:
            code.add_error("code", str(refusal.message))
    page = notice_page(request.user)
    return _show(request, page, _form(request, page, is_sent=False), code)


@requires(Permission.OWN_ACCOUNT)
@require_POST
def drop(request: SignedInRequest) -> HttpResponse:
    """Send nothing any more."""
    drop_notices(actor=request.user, now=clock.now())
    return redirect("notices")
