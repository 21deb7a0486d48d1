"""Words for tables and classes, in English and Russian, and the method note generated from the parameters."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from requests_app.statistics.export import Labels
from requests_app.statistics.tables import EPSILON_FOR_LIFE, T3, TABLES

TABLE_TITLES: Mapping[str, Promise] = {
    "T0": _("New people"),
    "T1": _("By country or region"),
    "T2": _("By category"),
    "T3": _("First steps reached"),
}
CLASS_TITLES: Mapping[str, Promise] = {
    "T0.all": _("All new people"),
    "T1.inside_russia": _("Inside Russia"),
    "T1.kazakhstan": _("Kazakhstan"),
    "T1.armenia": _("Armenia"),
    "T1.other_transit": _("Other transit countries"),
    "T1.asylum_countries": _("Countries of asylum"),
    "T1.other_region": _("Other or unknown country"),
    "T2.contract_after_2022": _("Contracts signed after 24 Feb 2022"),
    "T2.contract_other": _("Other contracts"),
    "T2.mobilized": _("Mobilised people"),
    "T2.conscripts": _("Conscripts"),
    "T2.officers": _("Officers"),
    "T2.other_category": _("Other or unknown category"),
    "T3.left_service": _("Left service"),
    "T3.in_hiding": _("In hiding inside the country"),
    "T3.crossed_border": _("Crossed a border"),
    "T3.papers_abroad": _("Papers under way"),
    "T3.asylum_filed": _("Asylum filed"),
    "T3.settled": _("Settled"),
}


def _both(titles: Mapping[str, Promise]) -> dict[str, Labels]:
    words: dict[str, dict[str, str]] = {}
    for language in ("en", "ru"):
        with translation.override(language):
            words[language] = {code: str(title) for code, title in titles.items()}
    return {code: Labels(words["en"][code], words["ru"][code]) for code in titles}


def dimension_labels() -> dict[str, Labels]:
    """Return the titles of the tables in both languages."""
    return _both(TABLE_TITLES)


def class_labels() -> dict[str, Labels]:
    """Return the titles of all classes in both languages, keyed ``table.class``."""
    return _both(CLASS_TITLES)


def method_note() -> list[str]:
    """Return the method note in the active language: what the numbers are, how wrong they may be, and what is promised."""
    return [
        gettext("A person is counted once, in the month (UTC) in which a coordinator confirmed them as new."),
        gettext(
            "No figure here is exact. Random noise was added to every cell, zeros included, and the tables were fitted to multiples of 5."
        ),
        gettext("About 95 of 100 figures are within 5 of the true count; in “First steps reached” within 8."),
        gettext("A zero does not mean that nobody asked."),
        gettext("A change of less than about 10 from one month to the next is not a trend."),
        gettext("Each month is drawn once and frozen: it is never revised and never drawn again."),
        gettext(
            "Whatever else somebody knows, all figures together change the odds about one person by a factor of at most e^%(epsilon)s "
            "in a lifetime (one new person, and at most %(cap)s first steps)."
        )
        % {"epsilon": str(EPSILON_FOR_LIFE), "cap": T3.cap},
        gettext("Tables and their cost (epsilon per entry): %(tables)s.")
        % {"tables": ", ".join(f"{table.code} {table.epsilon}" for table in TABLES)},
    ]


def method_notes() -> dict[str, str]:
    """Return the method note as one text per language, for the files."""
    notes = {}
    for language in ("en", "ru"):
        with translation.override(language):
            notes[language] = " ".join(method_note())
    return notes
