"""The run uses the database it says it uses."""

import os

import pytest
from django.db import connection, connections


@pytest.mark.django_db
def test_the_run_is_on_the_database_it_was_asked_for() -> None:
    assert connection.vendor == os.environ.get("EXPECT_VENDOR", connection.vendor)
    assert connections["ephemeral"].vendor == "sqlite"
