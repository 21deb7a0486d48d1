"""What is written out in Python is what Django's templates would say, tag for tag, for every widget, attribute and hostile value."""

import itertools
import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from caseworker.form_renderer import WRITTEN, WrittenOut

HOSTILE = """"><script>alert('1')</script>&amp;"""
CHOICES: list[Any] = [
    ("", "—"),
    ("a", gettext_lazy("Close")),
    (HOSTILE, HOSTILE),
    (3, mark_safe("<b>x</b>")),
    ("Group", [("g1", "One"), ("g2", HOSTILE)]),
]
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"id": "id_x", "class": "wide", "autofocus": True, "disabled": False, "maxlength": 12},
    {"id": HOSTILE, HOSTILE: HOSTILE, "title": gettext_lazy("Close"), "data-n": 0},
]
SINGLE = (
    forms.TextInput,
    forms.NumberInput,
    forms.HiddenInput,
    forms.PasswordInput,
    forms.DateInput,
    forms.CheckboxInput,
    forms.Textarea,
)
LISTS = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)
LEFT_TO_DJANGO = (forms.EmailInput, forms.URLInput, forms.FileInput, forms.SelectMultiple)
VALUES: list[Any] = [None, "", "a", HOSTILE, 3, 1234567, True, False, mark_safe("<i>")]


def same(widget: forms.Widget, value: Any, attributes: dict[str, Any]) -> bool:
    """Tell whether both renderers write *widget* alike, but for the space between tags."""
    written = [widget.render("field", value, dict(attributes), one) for one in (WrittenOut(), DjangoTemplates())]
    ours, django = (re.sub(r"\s+", " ", re.sub(r">\s+<", "><", html)) for html in written)
    return ours == django


@pytest.mark.parametrize("kind", [*SINGLE, *LEFT_TO_DJANGO[:3]])
def test_a_single_value_is_written_as_django_writes_it(kind: type[forms.Widget]) -> None:
    for value, attributes in itertools.product(VALUES, ATTRIBUTES):
        assert same(kind(), value, attributes), (value, attributes)


@pytest.mark.parametrize("kind", [*LISTS, LEFT_TO_DJANGO[3]])
def test_a_list_is_written_as_django_writes_it(kind: type[forms.Select | forms.RadioSelect]) -> None:
    values = [*VALUES, ["a", "g2"], [HOSTILE]]
    for value, attributes, choices in itertools.product(values, ATTRIBUTES, (CHOICES, CHOICES[:3], [])):
        assert same(kind(choices=choices), value, attributes), (value, attributes)


def test_every_template_written_out_is_one_of_django() -> None:
    for name in WRITTEN:
        assert DjangoTemplates().get_template(name)
