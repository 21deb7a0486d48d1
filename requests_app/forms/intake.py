"""The volunteer's forms: fields in the order of the conversation. They validate and never save."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.actions.intake import IntakeData, Safety, SealedTexts
from requests_app.contacts import MAX_LINES, parse_lines
from requests_app.enums import Category, Channel, Country, HoursBand, Need, Requester, SafeAnswer, Situation, Urgency
from requests_app.forms.fields import CodeField, CodesField, FormTokenField, TypedText
from requests_app.linter import FIELD_RULES, LintRule, broken_rules
from requests_app.normalize import ambiguous_lines

LONGEST_STORY = 1000
LONGEST_CONTACTS = 1000
LONGEST_NAME = 80
COMMON_NEEDS = 4
"""How many needs stand open on the page; the vocabulary has the most frequent first."""

LINT_TEXTS: Mapping[LintRule, str | Promise] = {
    LintRule.PASSPORT: _("looks like a passport number"),
    LintRule.UNIT: _("looks like the number of a military unit"),
    LintRule.LONG_NUMBER: _("holds a long number"),
    LintRule.SURNAME: _("looks like a surname with initials"),
}

NO_COUNTRY_CODE = _("a phone of ten digits beginning with 7: ask for the country. Without it, +7 7… is understood")

# Offsets, not cities: a coded column should not tell more than when to write. The sign of Etc/GMT zones is reversed (POSIX).
TIME_ZONES: tuple[tuple[str, str | Promise], ...] = (
    ("", _("Unknown")),
    ("Etc/GMT-3", _("UTC+3 · Moscow, Istanbul")),
    ("Etc/GMT-2", _("UTC+2 · Kaliningrad, Helsinki")),
    ("Etc/GMT-4", _("UTC+4 · Samara, Tbilisi, Yerevan")),
    ("Etc/GMT-5", _("UTC+5 · Yekaterinburg, Almaty")),
    ("Etc/GMT-6", _("UTC+6 · Omsk, Bishkek")),
    ("Etc/GMT-7", _("UTC+7 · Novosibirsk, Krasnoyarsk")),
    ("Etc/GMT-8", _("UTC+8 · Irkutsk, Ulaanbaatar")),
    ("Etc/GMT-9", _("UTC+9 · Yakutsk, Chita")),
    ("Etc/GMT-10", _("UTC+10 · Vladivostok")),
    ("Etc/GMT-11", _("UTC+11 · Magadan, Sakhalin")),
    ("Etc/GMT-12", _("UTC+12 · Kamchatka")),
    ("Etc/GMT-1", _("UTC+1 · Berlin, Belgrade, Paris")),
    ("Etc/UTC", _("UTC · London, Lisbon")),
    ("Etc/GMT+3", _("UTC−3 · Buenos Aires")),
    ("Etc/GMT+5", _("UTC−5 · New York")),
    ("Etc/GMT+8", _("UTC−8 · Los Angeles")),
)


NO_ZONE = _(
    "Ask for their time zone: these hours mean nothing without it. If they do not say, choose “Unknown” for the hours."
)
WITHOUT_ZONE = frozenset({HoursBand.UNKNOWN, HoursBand.ANY})
"""Hours that say the same on every clock."""


def ask_zone(form: forms.Form) -> None:
    """Refuse hours of the day without the zone whose hours they are; unknown hours are the way on."""
    band = form.cleaned_data.get("hours_band")
    if band and band not in WITHOUT_ZONE and "time_zone" in form.cleaned_data and not form.cleaned_data["time_zone"]:
        form.add_error("time_zone", NO_ZONE)


def _unknown_first(choices: list[tuple[str, Any]], unknown: str) -> list[tuple[str, Any]]:
    """Return *choices* with the unknown one on top: it is the default, so that nobody invents data."""
    return sorted(choices, key=lambda choice: choice[0] != unknown)


def _answer(label: str | Promise) -> CodeField:
    return CodeField(label=label, choices=SafeAnswer.choices, initial=SafeAnswer.UNKNOWN, widget=forms.RadioSelect)


class _SafetyFields(forms.Form):
    """What both forms ask about a contact."""

    may_write = _answer(_("Is it safe to write?"))
    may_call = _answer(_("Is it safe to call?"))
    may_leave_message = _answer(_("Is it safe to leave a message?"))
    hours_band = CodeField(label=_("When"), choices=HoursBand.choices, initial=HoursBand.UNKNOWN)
    time_zone = CodeField(label=_("Their time zone"), choices=TIME_ZONES, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the zone of the hours."""
        cleaned: dict[str, Any] = super().clean() or {}
        ask_zone(self)
        return cleaned

    def clean_contacts(self) -> str:
        """Accept at most ten lines."""
        pasted: str = self.cleaned_data["contacts"]
        if len(parse_lines(pasted)) > MAX_LINES:
            raise forms.ValidationError(_("Keep it to ten lines. Further contacts can be added as a correction."))
        return pasted

    def lint_warnings(self) -> list[dict[str, Any]]:
        """Return what should perhaps not be written down: the field's label, its anchor and a fixed sentence each."""
        broken = [
            (name, LINT_TEXTS[rule])
            for name, rules in FIELD_RULES.items()
            for rule in broken_rules(self.cleaned_data.get(name, ""), rules)
        ]
        if ambiguous_lines(self.cleaned_data.get("contacts", "")):
            broken.append(("contacts", NO_COUNTRY_CODE))
        return [
            {"label": self.fields[name].label, "anchor": self[name].id_for_label, "text": text} for name, text in broken
        ]

    def texts(self) -> SealedTexts:
        """Return what is to be sealed."""
        return SealedTexts(**{name: self.cleaned_data[name] for name in ("contacts", "name", "story")})

    def safety(self) -> Safety:
        """Return the safety answers."""
        names = ("may_write", "may_call", "may_leave_message", "hours_band", "time_zone")
        return Safety(**{name: self.cleaned_data[name] for name in names})


class IntakeForm(_SafetyFields):
    """One first contact, on one page, in the order of the conversation."""

    field_order = (
        *("contacts", "name", "requester", "category", "situation", "urgency", "country", "channel", "needs"),
        *("may_write", "may_call", "may_leave_message", "hours_band", "time_zone", "story", "agreed"),
    )
    contacts = TypedText(
        label=_("How to reach them"),
        help_text=_("Paste it as it is: phone, Telegram, Signal, e-mail. One per line."),
        longest=LONGEST_CONTACTS,
        rows=3,
        has_focus=True,
        error_messages={"required": _("Without a contact nobody can answer. Paste at least one.")},
    )
    name = TypedText(
        label=_("Name to use"), help_text=_("A pseudonym is better."), longest=LONGEST_NAME, required=False
    )
    requester = CodeField(
        label=_("Who writes"), choices=_unknown_first(Requester.choices, "unknown"), initial="unknown"
    )
    category = CodeField(label=_("Category"), choices=_unknown_first(Category.choices, "unknown"), initial="unknown")
    situation = CodeField(label=_("Situation"), choices=_unknown_first(Situation.choices, "unknown"), initial="unknown")
    urgency = CodeField(label=_("Urgency"), choices=Urgency.choices, initial=Urgency.ROUTINE)
    country = CodeField(label=_("Country now"), choices=_unknown_first(Country.choices, "XX"), initial="XX")
    channel = CodeField(label=_("Channel"), choices=_unknown_first(Channel.choices, "unknown"), initial="unknown")
    needs = CodesField(label=_("What is needed"), choices=Need.choices)
    story = TypedText(
        label=_("Story"),
        help_text=_("Up to 1,000 characters. No surnames, units, addresses."),
        longest=LONGEST_STORY,
        rows=6,
        required=False,
    )
    agreed = forms.BooleanField(
        label=_("I told them how their data is kept, and they agree."),
        error_messages={"required": _("Tell them first. If they do not agree, leave this page: nothing was kept.")},
    )
    form_token = FormTokenField()

    @property
    def has_rare_needs(self) -> bool:
        """Tell whether a need is ticked that would be folded away."""
        common = [code for code, _label in Need.choices[:COMMON_NEEDS]]
        return bool(set(self["needs"].value() or ()) - set(common))

    def intake_data(self) -> IntakeData:
        """Return the valid form as the action takes it."""
        codes = ("requester", "category", "situation", "urgency", "country", "channel")
        return IntakeData(
            texts=self.texts(),
            safety=self.safety(),
            needs=tuple(self.cleaned_data["needs"]),
            form_token=self.cleaned_data["form_token"],
            **{name: self.cleaned_data[name] for name in codes},
        )


class CorrectionForm(_SafetyFields):
    """Something to add to a request; what was sealed before is not shown and stays."""

    field_order = (
        "contacts",
        "name",
        "story",
        "may_write",
        "may_call",
        "may_leave_message",
        "hours_band",
        "time_zone",
        "stop_contact",
    )
    contacts = TypedText(
        label=_("Further contacts"),
        help_text=_("One per line, as they are."),
        longest=LONGEST_CONTACTS,
        rows=3,
        required=False,
    )
    name = TypedText(label=_("Name to use from now on"), longest=LONGEST_NAME, required=False)
    story = TypedText(
        label=_("What has changed"),
        help_text=_("Up to 1,000 characters. No surnames, units, addresses."),
        longest=LONGEST_STORY,
        rows=6,
        required=False,
    )
    stop_contact = forms.BooleanField(label=_("No contact is safe any more: nobody writes or calls."), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an empty correction."""
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(name) for name in ("contacts", "name", "story", "stop_contact")):
            raise forms.ValidationError(_("Write what is to be added."))
        return cleaned
