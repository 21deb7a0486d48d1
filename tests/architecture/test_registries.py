"""Walk the registries: fields and zones, verbs and writers, actions and their shape, files and their size, templates, locks."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.template import engines
from django.template.loader import get_template

from caseworker.backups.streams import EMPTIED, KEY_TABLES, LEDGER_TABLES, LEFT_ALONE, MAIN_TABLES
from caseworker.enums import AuditVerb
from requests_app.management.commands.render_stage_diagram import with_diagram
from requests_app.zone_codes import Zone
from requests_app.zones import ZONES

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = [
    path
    for folder in ("caseworker", "requests_app", "config")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]
ACTIONS = [path for path in CODE if path.parent.name == "actions" and path.name != "__init__.py"]
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))
FILE_LINES, FUNCTION_LINES = 400, 40
ONE_FILE = {"caseworker/offline/caseworker_recover.py": 580}
"""Is carried to a laptop as one file, and so holds its own copy of the formats."""
WITHOUT_AUDIT = {
    "found_demo": "calls actions that audit",
    "move_case_with_note": "calls two actions that audit",
    "claim_next": "calls the action that claims, which audits",
    "change_row": "calls the action of the single case, which audits",
    "create_circle": "is part of founding, which audits",
    "record_refusal": "audits by itself, without an actor",
}
PATHS_OF_A_MACHINE = re.compile("/(" + "|".join(("wo" + "rk", "far" + "m")) + ")/|/ro" + r"ot/\.|/opt/(pypi|wheels)")


def test_every_field_has_exactly_one_zone() -> None:
    stored = {
        model.__name__: Counter(field.name for field in model._meta.concrete_fields)
        for app in ("caseworker", "requests_app")
        for model in apps.get_app_config(app).get_models()
    }
    zoned = {name: Counter(field for fields in zones.values() for field in fields) for name, zones in ZONES.items()}
    assert zoned == stored


def test_every_model_is_in_one_stream_of_a_backup_or_left_out_for_a_reason() -> None:
    placed = [*MAIN_TABLES, *KEY_TABLES, *EMPTIED, *LEFT_ALONE]
    models = (model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy)
    assert sorted(placed) == sorted(model._meta.label for model in models), "say in caseworker/backups/streams.py"
    assert set(LEDGER_TABLES) <= set(MAIN_TABLES)
    assert all(reason for reason in (*EMPTIED.values(), *LEFT_ALONE.values()))


def test_free_text_is_never_clear() -> None:
    for app in ("caseworker", "requests_app"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                assert field.get_internal_type() != "TextField", f"{model.__name__}.{field.name}"
                if field.name in ZONES[model.__name__].get(Zone.SEALED, ()):
                    assert field.get_internal_type() == "BinaryField", field.name


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]


def test_every_verb_has_exactly_one_writer() -> None:
    writers: Counter[str] = Counter()
    for path in CODE:
        if path.name != "enums.py":
            writers.update(re.findall(r"AuditVerb\.([A-Z_]+)", path.read_text(encoding="utf-8")))
    reads = {"REVEAL": 2, "PROMOTE_REQUEST": 1}
    assert {verb.name: writers[verb.name] - reads.get(verb.name, 0) for verb in AuditVerb} == dict.fromkeys(
        AuditVerb.__members__, 1
    )


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_action_is_atomic_and_audited(path: Path) -> None:
    for function in _functions(path):
        arguments = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        if function.name.startswith("_") or not {"actor", "now"} <= arguments:
            continue
        decorators = {ast.unparse(one) for one in function.decorator_list}
        assert "transaction.atomic" in decorators, function.name
        body = ast.unparse(function)
        audited = any(mark in body for mark in ("audit.record(", "_note(", "_record(", "_decide("))
        assert audited or function.name in WITHOUT_AUDIT, function.name


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_keep_their_size(path: Path) -> None:
    most = ONE_FILE.get(str(path.relative_to(ROOT)), FILE_LINES)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most
    for function in _functions(path):
        assert (function.end_lineno or 0) - function.lineno < FUNCTION_LINES, function.name


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_parses_and_every_page_has_one_heading(name: str) -> None:
    get_template(name)
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    own, extends = text.count("<h1"), '{% extends "' in text
    is_fragment = name.startswith("components/") or Path(name).name.startswith("_")
    assert own == (0 if extends or is_fragment else 1), name
    for forbidden in ("|safe", " style=", "onclick", "javascript:", "autoescape off"):
        assert forbidden not in text
    script = """{% if shortcuts %}<script src="{% static 'caseworker/js/enhance.js' %}" defer></script>"""
    assert "<script" not in (text.replace(script, "", 1) if name == "base.html" else text)
    assert engines["django"]


@pytest.mark.parametrize("name", ["run", "test"])
def test_locks_hold_names_versions_and_hashes_only(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    for forbidden in ("://", "--index-url", "--extra-index", "--find-links", "--trusted"):
        assert forbidden not in text
    pinned = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert len(pinned) == len(
        re.findall(r"^([a-z0-9-]+)==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    )
    wanted = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8")
    for line in wanted.splitlines():
        package = re.match(r"[a-z0-9-]+", line)
        assert package is None or line.startswith("-r") or package[0] in pinned


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    return [ROOT / name for name in names if not name.endswith((".png", ".mo", ".lock"))]


def test_no_tracked_file_names_a_machine() -> None:
    for path in filter(Path.exists, _tracked()):
        assert not PATHS_OF_A_MACHINE.search(path.read_text(encoding="utf-8")), path


def test_the_diagram_of_the_route_is_current() -> None:
    page = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")
    assert with_diagram(page) == page


def _documents() -> str:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs" / "deploy").iterdir()]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_documented_commands_and_settings_exist() -> None:
    text, known = _documents(), set(get_commands()) | {"test"}
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        assert command in known, command
    environment = (ROOT / "config").rglob("*.py")
    read = "\n".join(path.read_text(encoding="utf-8") for path in environment)
    for name in re.findall(
        r"^\| `([A-Z_]+)`", (ROOT / "docs" / "deploy" / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert f'"{name}"' in read, name


def test_tests_named_in_the_threat_model_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    every_test = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in every_test, name
    for path in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path
