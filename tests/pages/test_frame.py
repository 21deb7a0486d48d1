"""What holds on every page: headers, error pages, navigation, and a stylesheet that is small and readable."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Template
from django.template.loader import get_template
from django.test import Client, RequestFactory, override_settings
from django.urls import path, resolve, reverse
from django.utils import translation
from django.utils.formats import date_format

from caseworker.context import NAVIGATION
from caseworker.decorators import public
from caseworker.enums import Role
from caseworker.exceptions import InvalidInput, PermissionRefused, PolicyRefused, StaleVersion, VaultClosed
from caseworker.headers import HEADERS
from caseworker.said import SENTENCES, note_done
from caseworker.views import errors
from config.urls import urlpatterns as project_urls
from tests.architecture.access import TABLE
from tests.cast import Cast, Member
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PLANTED = "planted-needle-7700"
REFUSALS = {
    "permission": (PermissionRefused(), 403),
    "policy": (PolicyRefused("Not now."), 403),
    "stale": (StaleVersion(), 409),
    "invalid": (InvalidInput(["Not so."]), 400),
}


@public
def refuse(_request: HttpRequest, name: str) -> HttpResponse:
    raise REFUSALS[name][0]


@public
def closed(_request: HttpRequest) -> HttpResponse:
    raise VaultClosed


@public
def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError(PLANTED)


urlpatterns = [*project_urls, path("refuse/<name>/", refuse), path("closed/", closed), path("broken/", broken)]
handler400 = "caseworker.views.errors.bad_request"
handler403 = "caseworker.views.errors.forbidden"
handler404 = "caseworker.views.errors.not_found"
handler500 = "caseworker.views.errors.server_error"


def style() -> str:
    return Path(str(finders.find("caseworker/css/style.css"))).read_text(encoding="utf-8")


class TestHeaders:
    @pytest.mark.parametrize(
        "address", ["/sign-in/", "/profile/", "/no/such/page/", "/exit/", "/static/caseworker/css/style.css"]
    )
    def test_every_answer_carries_them(self, client: Client, address: str) -> None:
        answer = client.get(address)
        answer.close()
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS

    def test_the_policy_is_the_decided_one(self) -> None:
        assert HEADERS["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert HEADERS["Referrer-Policy"] == "same-origin"

    def test_no_page_is_stored(self, anna: Member, sign_in: SignIn) -> None:
        client = sign_in(anna)
        for address in ("/profile/", "/no/such/page/", "/requests/new/"):
            assert client.get(address).headers["Cache-Control"] == "no-store"

    @override_settings(ROOT_URLCONF=__name__)
    def test_a_broken_page_carries_them_too(self) -> None:
        answer = Client(raise_request_exception=False).get("/broken/")
        assert answer.status_code == 500
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]

    def test_static_files_may_be_kept_and_missing_ones_not(self, client: Client) -> None:
        answer = client.get("/static/caseworker/css/style.css")
        answer.close()
        assert "no-store" not in answer.headers.get("Cache-Control", "")
        assert client.get("/static/none.css").headers["Cache-Control"] == "no-store"


class TestErrorPages:
    @pytest.mark.parametrize("status", sorted(set(errors.ERROR_TEXTS) - {500}))
    def test_each_status_has_a_page(self, rf: RequestFactory, status: int) -> None:
        answer = errors.error_page(rf.get("/"), status)
        assert answer.status_code == status
        assert answer.content.decode().count("<h1") == 1

    @pytest.mark.parametrize("name", REFUSALS)
    @override_settings(ROOT_URLCONF=__name__)
    def test_a_refusal_becomes_its_page(self, client: Client, name: str) -> None:
        answer = client.get(f"/refuse/{name}/")
        refusal, status = REFUSALS[name]
        assert answer.status_code == status
        assert str(refusal.message) in answer.content.decode()

    @override_settings(ROOT_URLCONF=__name__)
    def test_a_closed_vault_leads_to_the_words(self, client: Client) -> None:
        assert client.get("/closed/").headers["Location"] == reverse("unlock") + "?next=%2Fclosed%2F"
        assert client.post("/closed/", {"typed": PLANTED}).headers["Location"] == reverse("unlock")

    @override_settings(ROOT_URLCONF=__name__)
    def test_a_fault_shows_and_logs_no_value(self, capsys: pytest.CaptureFixture[str]) -> None:
        answer = Client(raise_request_exception=False).post("/broken/", {"typed": PLANTED})
        assert answer.status_code == 500
        printed = capsys.readouterr()
        assert PLANTED not in answer.content.decode() + printed.out + printed.err

    def test_a_locked_session_leads_to_the_words(self, anna: Member, sign_in: SignIn) -> None:
        client = sign_in(anna)
        client.post("/lock/")
        assert client.get("/requests/mine/").headers["Location"] == reverse("unlock") + "?next=%2Frequests%2Fmine%2F"

    def test_an_unknown_page_is_404_and_repeats_nothing(self, anna: Member, sign_in: SignIn) -> None:
        answer = sign_in(anna).get(f"/{PLANTED}/")
        assert answer.status_code == 404
        assert PLANTED not in answer.content.decode()

    def test_a_wrong_method_is_a_readable_page(self, client: Client) -> None:
        answer = client.get("/exit/")
        assert answer.status_code == 405
        assert "<h1" in answer.content.decode()
        assert answer.headers["Allow"] == "POST"

    def test_a_body_too_large_is_413(self, anna: Member, sign_in: SignIn) -> None:
        client = sign_in(anna)
        answer = client.post("/requests/new/", {"story": PLANTED * 60_000})
        assert answer.status_code == 413
        assert PLANTED not in answer.content.decode()

    def test_too_many_fields_are_400(self, anna: Member, sign_in: SignIn) -> None:
        assert sign_in(anna).post("/requests/new/", {f"f{n}": "1" for n in range(300)}).status_code == 400

    def test_only_size_makes_413(self, rf: RequestFactory) -> None:
        assert errors.bad_request(rf.get("/"), RequestDataTooBig()).status_code == 413
        assert errors.bad_request(rf.get("/"), ValueError()).status_code == 400

    def test_a_form_without_its_token_is_refused_in_plain_words(self, anna: Member) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post("/sign-in/", {"alias": PLANTED})
        assert answer.status_code == 403
        assert "open too long" in answer.content.decode()
        assert PLANTED not in answer.content.decode()


class TestNavigation:
    def test_every_role_has_places_and_they_exist(self) -> None:
        assert set(NAVIGATION) == set(Role)
        for entries in NAVIGATION.values():
            assert entries
            assert all(reverse(entry.url_name) for entry in entries)

    def test_access_keys_are_digits_and_clear(self) -> None:
        for entries in NAVIGATION.values():
            keys = [entry.access_key for entry in entries if entry.access_key]
            assert len(keys) == len(set(keys))
            assert set(keys) <= set("123456789")

    @pytest.mark.parametrize("name", ["anna", "boris", "eva", "dmitri", "sofia", "olga"])
    def test_each_place_opens_for_its_role(self, cast: Cast, sign_in: SignIn, name: str) -> None:
        member = cast.all()[name]
        client = sign_in(member)
        for entry in NAVIGATION[Role(member.person.role)]:
            answer = client.get(reverse(entry.url_name))
            assert answer.status_code == 200
            page = answer.content.decode()
            assert len(re.findall(r'<a [^>]*aria-current="page"', page)) == 1

    def test_the_quick_exit_is_the_first_control(self, anna: Member, sign_in: SignIn) -> None:
        page = sign_in(anna).get("/requests/mine/").content.decode()
        controls = re.findall(r"<(?:a|button|input|select|textarea|summary)\b[^>]*>", page.split("<body>")[1])
        visible = [control for control in controls if 'type="hidden"' not in control]
        assert 'accesskey="0"' in visible[0]
        assert 'class="skip"' in visible[1]

    def test_an_unattended_page_replaces_itself(self, anna: Member, boris: Member, sign_in: SignIn) -> None:
        assert f'content="900;url={reverse("unlock")}"' in sign_in(anna).get("/requests/mine/").content.decode()
        assert f'content="1800;url={reverse("unlock")}"' in sign_in(boris).get("/profile/").content.decode()

    def test_the_viewer_is_named_on_the_page(self, anna: Member, sign_in: SignIn) -> None:
        assert re.search(r'class="viewer">anna · \d', sign_in(anna).get("/requests/mine/").content.decode())


class TestTemplates:
    def all_templates(self) -> list[Path]:
        return sorted((settings.BASE_DIR / "templates").rglob("*.html"))

    def test_each_parses(self) -> None:
        for file in self.all_templates():
            get_template(str(file.relative_to(settings.BASE_DIR / "templates")))

    def test_none_holds_script_style_or_a_foreign_address(self) -> None:
        for file in self.all_templates():
            text = file.read_text(encoding="utf-8")
            if file.name == "base.html":  # the one script, on pages of those who turned it on
                text = text.replace("<script src=\"{% static 'caseworker/js/enhance.js' %}\" defer>", "", 1)
            assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|https?://|data:|\|safe", text), file.name

    def test_no_form_loses_its_token(self) -> None:
        texts = {
            str(file.relative_to(settings.BASE_DIR / "templates")): file.read_text() for file in self.all_templates()
        }
        reached = {name for name, text in texts.items() if "csrf_token" in text}
        parts = set(reached)
        while parts:
            parts = {
                name for name, text in texts.items() if any(f'include "{part}"' in text for part in parts)
            } - reached
            reached |= parts
        for name, text in texts.items():
            lonely = re.findall(r'{% include "([^"]+)"[^%]* only %}', text)
            assert not set(lonely) & reached, f"{name}: only keeps the token out"
            for form in re.findall(r'<form [^>]*method="post".*?</form>', text, re.DOTALL):
                assert "{% csrf_token %}" in form, name

    def test_whole_pages_are_small(self, anna: Member, sign_in: SignIn) -> None:
        assert len(sign_in(anna).get("/requests/new/").content) < 60_000


SAYS_ITSELF = {
    "bulk_preview", "bulk_run", "take_back", "reseal_circle", "rotate", "search", "enrol", "reset_words", "second_factor",
    "new_words", "log_request", "reveal_asset", "reveal_record", "reveal_request", "true_counts_month", "download_release", "make_packet", "partner_tool",
    "recovery_file", "recovery_tool", "claim", "claim_erase", "claim_held", "claim_keep", "claim_leave", "claim_withdraw", "first_words",
    "welcome", "choose_language", "sign_in", "send_again", "unlock", "lock", "sign_out", "lock_everywhere", "lock_everyone", "quick_exit",
}  # fmt: skip
"""Addresses whose answer is a page about what was done, or that end or begin a session."""


class TestSaid:
    def test_every_form_has_its_sentence(self) -> None:
        lines = TABLE.read_text(encoding="utf-8").splitlines()
        posted = {line.split()[0] for line in lines if " post " in line and "=405" not in line}
        assert posted - SAYS_ITSELF == set(SENTENCES)

    def test_it_is_said_once_and_leads_to_the_part(self, cast: Cast, sign_in: SignIn) -> None:
        case, client = make_case(cast), sign_in(cast.boris)
        page = client.post(reverse("add_note", args=[case.id]), {"version": 1, "text": PLANTED}, follow=True)
        assert re.findall(r'<p class="notice" role="status" data-tone="good">(.*?)</p>', page.content.decode()) == [
            'The note is sealed. <a href="#sealed">See it</a>'
        ]
        assert 'id="sealed"' in page.content.decode()
        assert "The note is sealed" not in client.get(reverse("case", args=[case.id])).content.decode()

    def test_a_refused_action_says_nothing(self, cast: Cast, sign_in: SignIn) -> None:
        case, client = make_case(cast), sign_in(cast.boris)
        address = reverse("move_case", args=[case.id])
        for data in ({"version": 1, "there": "nowhere"}, {"version": 99, "there": "planning"}):
            assert client.post(address, data).cookies.get("casework-key-said") is None
        client.post("/lock/")
        assert client.post(reverse("renew_circle", args=[cast.north.id])).cookies.get("casework-key-said") is None
        client = sign_in(cast.boris)
        assert client.post(reverse("suspend_person", args=[cast.anna.person.id])).status_code == 403
        assert 'data-tone="good"' not in client.get("/profile/").content.decode()

    def test_the_cookie_holds_a_constant_and_ends_with_the_session(self, cast: Cast, sign_in: SignIn) -> None:
        case, client = make_case(cast), sign_in(cast.boris)
        client.post(reverse("change_urgency", args=[case.id]), {"version": 1, "urgency": "u1_now"})
        cookie = client.cookies["casework-key-said"]
        assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("change_urgency", True, "Strict")
        assert not cookie["max-age"]
        client.post("/sign-out/")
        assert not client.cookies["casework-key-said"].value
        client.cookies["casework-key-said"] = PLANTED
        assert PLANTED not in client.get("/sign-in/").content.decode()

    def test_two_steps_say_nothing_after_the_first(self, cast: Cast, rf: RequestFactory) -> None:
        request = rf.post("/")
        request.resolver_match = resolve(reverse("pair", args=[cast.north.id]))
        note_done(request, HttpResponseRedirect(reverse("merge_pair", args=[cast.north.id])))
        assert not hasattr(request, "done")
        note_done(request, HttpResponseRedirect(reverse("duplicates")))
        assert request.done == "pair"  # type: ignore[attr-defined]


def _themes() -> list[dict[str, str]]:
    text = style()
    dark = text.index("@media (prefers-color-scheme: dark)")
    light_part, dark_part = text[:dark], text[dark : text.index("[data-tone]")]
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light_part))
    return [light, light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", dark_part))]


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


class TestStylesheet:
    def test_it_is_small(self) -> None:
        assert len(style().encode()) <= 10_000

    def test_a_phone_has_one_row_of_header_and_one_of_menu(self) -> None:
        small = style().split("@media (max-width: 40rem)", 1)[1]
        assert ".top, .nav ul { flex-wrap: nowrap; }" in small
        assert ".nav ul { overflow-x: auto; }" in small
        tables = get_template("requests_app/releases/_tables.html").template.source
        assert tables.count('class="bar"') == 2
        assert ".bar { display: none; }" in small

    def test_it_asks_for_nothing_else(self) -> None:
        assert not re.search(r"url\(|@import|data:|http", style())

    @pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
    def test_text_is_readable(self, theme: int) -> None:
        colours = _themes()[theme]
        pairs = [
            (text, ground)
            for text in ("ink", "muted", "accent", "strong", "alert")
            for ground in ("bg", "surface", "sunken", "tint")
        ]
        pairs += [(tone, f"{tone}-bg") for tone in ("alert", "warn", "good", "info")]
        pairs += [("ink", f"{tone}-bg") for tone in ("alert", "warn", "good", "info")]
        pairs += [("on-accent", "accent"), ("on-accent", "strong")]
        poor = [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
        assert poor == []

    @pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
    def test_edges_of_controls_are_seen(self, theme: int) -> None:
        colours = _themes()[theme]
        assert min(_contrast(colours["edge"], colours[ground]) for ground in ("bg", "surface")) >= 3

    def test_it_is_safe_for_right_to_left(self) -> None:
        assert not re.search(
            r"(margin|padding|border|inset)-(left|right)|text-align: (left|right)|\b(left|right):", style()
        )


@pytest.mark.parametrize(("language", "words"), [("en", "19 February 2025"), ("ru", "19 февраля 2025")])
def test_a_day_is_written_one_way(language: str, words: str) -> None:
    """What a template writes by itself, what it asks for, and what Python writes are the same; no page writes days as codes."""
    day = dt.date(2025, 2, 19)
    with translation.override(language):
        shown = Template('{{ day }}|{{ day|date:"j E Y" }}|{{ day|date }}').render(Context({"day": day}))
        assert set(shown.split("|")) == {words, date_format(day)}
    folder = Path(settings.BASE_DIR) / "templates"
    assert not [path for path in folder.rglob("*.html") if 'date:"Y-m-d' in path.read_text(encoding="utf-8")]
