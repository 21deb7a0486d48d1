"""What a run does in which order, and what it does once only: tables, and the order that follows from them.

Journeys begin first and stay together, so that no worker waits alone for the longest at the end.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

LONGEST = (
    "test_demo_year", "test_people_and_keys", "test_accessibility", "test_day", "test_killed", "test_two_hosts", "test_cluster", "test_main_job",
    "test_erased", "test_recovery", "test_panic_and_alarms", "test_queues", "test_duplicates", "test_seizure", "test_restoring",
    "test_hostile_posts",
)  # fmt: skip
"""Modules that start servers or processes of their own, or that take long, longest first; the tests of one share what it started."""


ONE_DATABASE = (
    "test_access", "test_strangers", "test_attacks", "test_intake_hostile", "test_frame", "test_shortcuts", "test_registries", "test_settings", "test_stages",
    "test_replay", "test_middleware",
)  # fmt: skip
"""Modules that say nothing about the database: they run on SQLite alone."""
UNTRACED = (
    "test_access", "test_strangers", "test_attacks", "test_hostile_posts", "test_intake_hostile", "test_registries", "test_translations",
    "test_prepared", "test_queues", "test_ten_days_of_silence", "test_fifty_at_once", "test_rotation_races", "test_release_rules", "test_form_renderer",
    "test_frame", "test_shortcuts", "test_intake_pages", "test_connection_pages", "test_case_sections", "test_cluster",
    "test_whole_route::test_every_", "test_whole_route::test_stages_that_need", "test_whole_route::test_closing_and",
    "test_disclosure::test_one_person_more", "test_disclosure::test_noise_has", "test_disclosure::test_published_tables",
    "test_clocks::test_the_", "test_normalize::test_nothing_that_is_typed", "test_refusals::test_every_text",
    "test_restoring::test_a_drill_restores", "test_restoring::test_an_altered_file", "test_restoring::test_refusals_are",
    "test_retention::test_nothing_goes_while", "test_retention::test_whatever_stands", "test_backup_files::test_others_write",
    "test_backup_files::test_killed_anywhere", "test_case_work::test_the_hundred_and_first", "test_case_work::test_the_last_page",
    "test_case_pages::test_the_31st", "test_case_pages::test_ten_more_rows", "test_queue_pages::TestSeveralCases::test_everything",
)  # fmt: skip
"""What walks where other tests have been already: measuring its lines would take as long as running it and show none that is new."""


class Item(Protocol):
    """A collected test."""

    @property
    def nodeid(self) -> str:
        """``folder/module.py::test``."""


T = TypeVar("T", bound=Item)


def _module(item: Item) -> str:
    return item.nodeid.split("::", 1)[0].rsplit("/", 1)[-1].removesuffix(".py")


def marks_of(nodeid: str) -> list[str]:
    """Return the marks that the tables give to a test."""
    path = nodeid.split("/")[-1].replace(".py", "", 1)
    marks = ["one_database"] if path.split("::", 1)[0] in ONE_DATABASE else []
    is_untraced = "/journeys/" in nodeid or path.startswith(UNTRACED)
    return [*marks, "no_cover"] if is_untraced else marks


def spread(items: Sequence[T], *, workers: int) -> list[T]:
    """Return the items so that each worker's share begins with some of the longest modules, whole; a share is cut from the list in a row."""
    first: list[list[T]] = [[] for _ in range(workers)]
    turns = [*range(workers), *reversed(range(workers))]
    for place, name in enumerate(LONGEST):
        first[turns[place % len(turns)]] += [item for item in items if _module(item) == name]
    rest = [item for item in items if _module(item) not in LONGEST]
    shares, left = [], len(items)
    for place, begun in enumerate(first):
        number = left // (workers - place)
        fill = max(0, number - len(begun))
        shares.append([*begun, *rest[:fill]])
        rest, left = rest[fill:], left - number
    return [item for share in shares for item in share] + rest
