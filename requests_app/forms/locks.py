"""Why a case is locked; and nothing but its version, to lift it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from caseworker.models.keys import Circle
from requests_app.forms.cases import LOCK_REASONS, CaseForm, _pairs
from requests_app.forms.fields import CodeField
from requests_app.references import parse_reference


class LockForm(CaseForm):
    """Why nobody shall open anything of it."""

    slot = "lock"
    reason = CodeField(label=_("Reason"), choices=_pairs(LOCK_REASONS))


class LiftForm(CaseForm):
    """Nothing but the version."""

    slot = "lift"


class LockByReferenceForm(forms.Form):
    """The case by its reference, for an officer who sees no cases."""

    reference = forms.CharField(label=_("Reference of the case"), max_length=12)
    reason = CodeField(label=_("Reason"), choices=_pairs(LOCK_REASONS))

    def clean_reference(self) -> str:
        """Return the reference in its one spelling."""
        parsed = parse_reference(self.cleaned_data["reference"])
        if parsed is None:
            raise forms.ValidationError(_("This is not a reference. Check each character."))
        return parsed


class PlantForm(forms.Form):
    """In which circle."""

    circle = forms.ModelChoiceField(label=_("Circle"), queryset=Circle.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every circle."""
        super().__init__(*args, **kwargs)
        self.fields["circle"].queryset = Circle.objects.order_by("code", "id")  # type: ignore[attr-defined]
