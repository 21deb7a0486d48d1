"""Takes the place of Django's ``csrf_token`` in every template, so that no form is without its token or its owner."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from caseworker.models.accounts import Caseworker
from caseworker.replay import BINDING_FIELD, binding

register = template.Library()


def _owner(request: HttpRequest) -> SafeString:
    """Return the hidden field that binds a form to the person who opened it; nothing for nobody."""
    person = getattr(request, "user", None)
    if not isinstance(person, Caseworker):
        return SafeString()
    if not hasattr(request, "form_binding"):
        request.form_binding = binding(person)  # type: ignore[attr-defined]
    return format_html('<input type="hidden" name="{}" value="{}">', BINDING_FIELD, request.form_binding)  # type: ignore[attr-defined]


@register.simple_tag(takes_context=True)
def csrf_token(context: Any) -> SafeString:
    """Return the hidden fields of a POST form: the CSRF token, and whose form it is. They do not depend on what an include passes on."""
    request = getattr(context, "request", None)
    if request is None:
        return SafeString()
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    return token + _owner(request)
