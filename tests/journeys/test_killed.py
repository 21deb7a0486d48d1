"""kill -9 of real processes at twenty random points of each action that must be whole or not there, on both databases."""

import random
from pathlib import Path

import pytest

from tests.journeys.installation import installation

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_half_done_after_kill_9(kind: str, tmp_path: Path) -> None:
    seed = str(random.SystemRandom().randrange(10**6))
    with installation(kind, tmp_path) as here:
        printed = here.run("-m", "tests.journeys.killing", seed).split()
    assert printed == ["rotation", "20", "erasure", "20", "archive", "20", "freeze", "20", "restore", "20"], (
        f"seed {seed}"
    )
