"""The demo year, built as the README says: its totals, its releases, what erasing a third of it changes, and building it once."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from requests_app.demo.planning import load_distributions, month_totals, plan_year

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parent.parent.parent
LOOK = """
import hashlib
from requests_app.enums import Condition, Stage
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell, Release, ReleaseCell
from requests_app.models.help_requests import HelpRequest
from requests_app.queries.releases import document_of, published_cells
from requests_app.statistics import export, labels
def digest():
    whole = hashlib.sha256()
    for release in Release.objects.order_by("period"):
        document = document_of(release)
        whole.update(export.csv_file(document, dimensions=labels.dimension_labels(), labels=labels.class_labels()))
        whole.update(export.json_file(document, notes=labels.method_notes()))
    return whole.hexdigest()
"""
CHECK = (
    LOOK
    + """
assert HelpRequest.objects.filter(received_on__year=2024).count() == 2500, "requests"
assert {f"{r.period:%Y-%m}" for r in Release.objects.filter(state="published")} == {f"2024-{m:02d}" for m in range(1, 12)}, "releases"
assert CountCell.objects.get(table="T0", month="2024-12-01").count == 166, "december"
open_cases = Case.objects.filter(is_open=True)
assert set(open_cases.values_list("stage", flat=True)) == set(Stage.values) - {"closed"}, "stages"
assert set(open_cases.values_list("condition", flat=True)) == set(Condition.values), "conditions"
for release in Release.objects.all():
    cells = published_cells(release)
    assert all(value % 5 == 0 for value in cells.values())
    for table in ("T1", "T2"):
        assert sum(v for (t, _c), v in cells.items() if t == table) == cells["T0", "all"]
before = digest()
from caseworker.models.accounts import Caseworker
from requests_app.actions.erasure import erase_case
from requests_app.demo.playing import END
from django.db import transaction
eva = Caseworker.objects.get(alias="eva")
with transaction.atomic():
    for case in list(Case.objects.order_by("id"))[::3]:
        erase_case(case, actor=eva, now=END)
assert digest() == before, "erasing changed a release"
print("checked", before)
"""
)


def test_the_plan_has_the_published_months() -> None:
    plan = plan_year()
    assert month_totals(plan) == load_distributions()["by_month"]
    assert plan == plan_year()
    assert plan != plan_year(seed=1)
    assert len(plan_year(limit=40)) == 40


@pytest.fixture(scope="module")
def manage(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    folder = tmp_path_factory.mktemp("year") / "demo"
    folder.mkdir()
    environment = os.environ | {
        "VAR_DIR": str(folder), "RUNTIME_DIR": str(folder / "run"), "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "CASEWORK_DEMO": "yes", "DATABASE_URL": "",
    }  # fmt: skip

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


def test_the_year_is_built_once_and_survives_erasing_a_third_of_it(manage: Callable[..., str]) -> None:
    first = manage("demo", "--no-serve")
    assert "2500 requests" in first
    assert all(alias in first for alias in ("anna", "boris", "eva", "dmitri", "sofia", "olga"))
    started = time.monotonic()
    assert "Building" not in manage("demo", "--no-serve")
    assert time.monotonic() - started < 60
    assert "checked" in manage("shell", "-c", CHECK)
    assert "head" in manage("verify_audit")
