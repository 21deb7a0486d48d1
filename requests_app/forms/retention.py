"""Forms about holds."""

from django.utils.translation import gettext_lazy as _

from requests_app.forms.cases import CaseForm, DayField
from requests_app.forms.fields import CodeField
from requests_app.retention import HoldReason


class HoldForm(CaseForm):
    """Why a closed case is kept for longer, and until when."""

    slot = "hold"
    reason = CodeField(label=_("Reason"), choices=[("", "—"), *HoldReason.choices])
    until = DayField(label=_("Hold until"), help_text=_("At most 180 days ahead. It can be set again."))


class LiftHoldForm(CaseForm):
    """Nothing but the version: the hold ends now."""

    slot = "lift_hold"
