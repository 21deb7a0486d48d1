"""Template tags for every page."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from caseworker.models.accounts import Caseworker
from caseworker.replay import BINDING_FIELD, binding

register = template.Library()


@register.simple_tag(takes_context=True)
def replay_binding(context: dict[str, Any]) -> SafeString | str:
    """Return the hidden field that binds a replayable form to the person who opened it; nothing for nobody."""
    person = getattr(context.get("request"), "user", None)
    if not isinstance(person, Caseworker):
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', BINDING_FIELD, binding(person))
