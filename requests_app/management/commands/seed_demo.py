"""Build the demo year: 2,500 invented requests of 2024, played through the same actions as the web pages."""

import random
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from requests_app.demo.catching_up import catch_up
from requests_app.demo.organization import found_demo, present_demo
from requests_app.demo.planning import plan_year
from requests_app.demo.playing import Player, fill_gaps, log_fresh_requests, play
from requests_app.models.help_requests import HelpRequest

FRESH_REQUESTS = 12
WIDTH = 30


class Command(BaseCommand):
    """Seeded and repeatable; refuses to touch a database that holds requests."""

    help = "Build the demo year of 2,500 invented requests."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a limit and a seed."""
        parser.add_argument(
            "--limit", type=int, default=None, help="only so many requests, spread over the year, without releases"
        )
        parser.add_argument("--seed", type=int, default=2024)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play the year and say how long it took."""
        if HelpRequest.objects.exists():
            raise CommandError("This database holds requests already. Use an empty one: manage.py demo --fresh")
        started = time.monotonic()
        plans = plan_year(seed=options["seed"], limit=options["limit"])
        cast = present_demo() or found_demo(now=plans[0].received_at)
        rng = random.Random(options["seed"])  # noqa: S311 - an invented year, not a secret
        player = Player(cast, rng, rng.randrange)
        steps = play(player, plans, progress=self.show, with_releases=options["limit"] is None)
        fill_gaps(player)
        catch_up(player)
        log_fresh_requests(player, plans, FRESH_REQUESTS)
        seconds = time.monotonic() - started
        self.stdout.write(f"\nThe demo year is ready: {len(plans)} requests, {steps} events, {seconds:.0f} s.")
        if options["limit"] is not None:
            self.stdout.write("A year with --limit publishes no month: leave it out to see releases.")

    def show(self, done: int, total: int) -> None:
        """Draw a bar on a terminal, a plain line every tenth in a log."""
        if sys.stdout.isatty():
            filled = WIDTH * done // total
            self.stdout.write(f"\r[{'█' * filled}{'·' * (WIDTH - filled)}] {done}/{total}", ending="")
            self.stdout.flush()
        elif done * 10 // total != (done - 1) * 10 // total or done == total:
            self.stdout.write(f"{done} of {total} events")
