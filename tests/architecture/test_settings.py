"""Wrong settings and wrong commands: one clear line, never a value, never a stack trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import env
from config.databases import database_from_url
from config.env import SettingWrong

ROOT = Path(__file__).resolve().parent.parent.parent
VALUE = "pa55word-that-must-not-show"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({}, "Set SECRET_KEY or SECRET_KEY_FILE."),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE names a file that cannot be read."),
        ({"SECRET_KEY": VALUE, "SECOND_FACTOR_KEY": VALUE}, "SECOND_FACTOR_KEY must be 64 hex digits."),
        (
            {
                "SECRET_KEY": VALUE,
                "SECOND_FACTOR_KEY": "ab" * 32,
                "CLAIM_CODE_KEY": "ab" * 32,
                "ALLOWED_HOSTS": "a",
                "CSRF_TRUSTED_ORIGINS": "",
                "RECOVERY_FINGERPRINTS": "",
                "RECOVERY_POLICY": VALUE,
            },
            "RECOVERY_POLICY must be one of: any, all.",
        ),
        ({"SECRET_KEY": VALUE, "JOB_WORKERS": VALUE}, "JOB_WORKERS must be a whole number."),
        ({"SECRET_KEY": VALUE, "DATABASE_URL": f"mysql://a:{VALUE}@b/c"}, "DATABASE_URL must begin with postgresql:"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(names: dict[str, str], says: str, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYTHONPATH"}}
    environment = clean | {"DJANGO_SETTINGS_MODULE": "config.settings.production", "VAR_DIR": str(tmp_path)} | names
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert says in done.stderr
    assert VALUE not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_values_come_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(" from a file \n")
    monkeypatch.setenv("A_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("B", "yes")
    monkeypatch.setenv("C", "one, two,,three ")
    assert (env.text("A"), env.flag("B", default=False), env.words("C")) == (
        "from a file",
        True,
        ["one", "two", "three"],
    )
    assert env.secret_key_bytes("D", "ab" * 32) == b"\xab" * 32
    with pytest.raises(SettingWrong):
        env.secret_key_bytes("D", "ab")


def test_database_addresses_are_taken_apart() -> None:
    made = database_from_url("postgresql://us%20er:p%40ss@host:5433/name?sslmode=require", fallback=Path("x"))
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"], made["NAME"]) == (
        "us er",
        "p@ss",
        "host",
        "5433",
        "name",
    )
    assert made["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off"}
    own = database_from_url("postgresql://u@/n?options=-c%20work_mem=16MB", fallback=Path("x"))
    assert own["OPTIONS"]["options"] == "-c jit=off -c work_mem=16MB"
    assert database_from_url("postgresql://u@/n?host=/run/pg", fallback=Path("x"))["HOST"] == "/run/pg"
    assert database_from_url("", fallback=Path("file"))["ENGINE"].endswith("sqlite3")
