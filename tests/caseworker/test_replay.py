"""Nothing typed is lost when a session ends, and nothing of it can be read or used by somebody else."""

import datetime as dt
import inspect
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse

from caseworker import replay
from caseworker.models.ephemeral import SessionRow
from caseworker.models.panic import PanicState
from requests_app.models.cases import Case
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record
from tests.architecture.access import patterns
from tests.cast import START, Cast, Member
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
TEXT = "Typed for a long time before the session ended"


def typed_note(case: Case, member: Member) -> dict[str, Any]:
    return {"version": case.version, "text": TEXT, "_for": replay.binding(member.person)}


def carried(answer: Any) -> str:
    page = answer.content.decode()
    assert TEXT not in page
    return str(page.split('name="carry" value="')[1].split('"')[0])


def sign_in_with(member: Member, carry: str) -> Any:
    return Client().post(reverse("sign_in"), {"alias": member.person.alias, "words": member.words, "carry": carry})


def test_a_note_survives_an_expired_session(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert not Note.objects.exists()
    answer = sign_in_with(boris, carry)
    assert answer["Location"] == reverse("case", args=[case.id])
    assert open_record(Note.objects.get().record, keyring=boris.keyring()) == {"text": TEXT}


def test_a_note_survives_a_lock(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    client.post(reverse("lock"))
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert client.post(reverse("unlock"), {"words": boris.words, "carry": carry}).status_code == 302
    assert Note.objects.count() == 1


def test_somebody_else_cannot_use_what_was_carried(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert sign_in_with(eva, carry)["Location"] == "/"
    assert not Note.objects.exists()


@pytest.mark.parametrize("binding", ["", "forged", "x:y:z"])
def test_a_forged_binding_carries_nothing(cast: Cast, boris: Member, sign_in: SignIn, binding: str) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    answer = client.post(reverse("add_note", args=[case.id]), typed_note(case, boris) | {"_for": binding})
    assert 'name="carry"' not in answer.content.decode()


def test_tokens_age_and_die_with_the_boot(boris: Member, settings: Any, tmp_path: Any) -> None:
    request = RequestFactory().post("/cases/", {"text": TEXT})
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        token = replay.seal_post(request, boris.person.id)
        assert token is not None
        assert TEXT.encode().hex() not in token
        assert replay.open_post(token, boris.person.id) is not None
        traveller.shift(dt.timedelta(minutes=61))
        assert replay.open_post(token, boris.person.id) is None
        traveller.shift(dt.timedelta(minutes=-60))
        settings.RUNTIME_DIR = tmp_path
        assert replay.open_post(token, boris.person.id) is None


@pytest.mark.parametrize("token", ["", "zz", "00" * 40, "01" * 100])
def test_broken_tokens_are_ignored(boris: Member, token: str) -> None:
    assert replay.open_post(token, boris.person.id) is None
    assert sign_in_with(boris, token)["Location"] == "/"


def test_forms_that_are_too_large_are_not_carried(boris: Member) -> None:
    request = RequestFactory().post("/cases/", {"text": "x" * 300_000})
    assert replay.seal_post(request, boris.person.id) is None


def test_a_carried_form_is_no_way_around_a_panic(cast: Cast) -> None:
    """An officer may come in during a panic; what they sent before, and which does not stand in one, is not carried out."""
    sofia = cast.sofia.person
    typed = RequestFactory().post(reverse("burn_asset", args=[uuid.uuid4()]), {"reason": "seized"})
    after = RequestFactory().post(reverse("unlock"), {"carry": replay.seal_post(typed, sofia.id)})
    after.user = sofia
    with pytest.raises(Http404):
        replay.replay_after_sign_in(after, sofia)
    PanicState.objects.filter(id=1).update(is_locked=True, locked_at=START)
    after = RequestFactory().post(reverse("unlock"), {"carry": replay.seal_post(typed, sofia.id)})
    after.user = sofia
    assert replay.replay_after_sign_in(after, sofia) is None


def strict(member: Member) -> Client:
    """Return a client whose forms need the token of its session."""
    client = Client(enforce_csrf_checks=True)
    token = token_in(client.get(reverse("sign_in")))
    words = {"alias": member.person.alias, "words": member.words, "csrfmiddlewaretoken": token}
    assert client.post(reverse("sign_in"), words).status_code == 302
    return client


def token_in(answer: Any) -> str:
    return str(answer.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0])


def test_a_form_of_an_earlier_session_is_sent_again_by_whose_it_is(cast: Cast, boris: Member) -> None:
    case, client = make_case(cast), strict(boris)
    answer = client.post(reverse("add_note", args=[case.id]), typed_note(case, boris))
    assert answer.status_code == 403
    assert not Note.objects.exists()
    again = {"carry": carried(answer), "csrfmiddlewaretoken": token_in(answer)}
    assert client.post(reverse("send_again"), again)["Location"].startswith(reverse("case", args=[case.id]))
    assert open_record(Note.objects.get().record, keyring=boris.keyring()) == {"text": TEXT}


def test_a_form_of_somebody_else_is_not_sent_again(cast: Cast, boris: Member, eva: Member) -> None:
    case, client = make_case(cast), strict(boris)
    data = typed_note(case, boris)
    for binding in (replay.binding(eva.person), "", "forged"):
        answer = client.post(reverse("add_note", args=[case.id]), data | {"_for": binding})
        assert answer.status_code == 403
        assert 'name="carry"' not in answer.content.decode()
    request = RequestFactory().post(reverse("add_note", args=[case.id]), data)
    stolen = replay.seal_post(request, eva.person.id)
    token = token_in(client.get(reverse("case", args=[case.id])))
    answer = client.post(reverse("send_again"), {"carry": stolen, "csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert not Note.objects.exists()


def test_whose_form_is_not_carried_is_told_that_nothing_was_done(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    client.post(reverse("lock"))
    data = {"version": case.version, "reference": case.reference, "_for": replay.binding(eva.person)}
    answer = client.post(reverse("erase_case", args=[case.id]), data)
    assert "nothing was done" in answer.content.decode()
    assert 'name="carry"' not in answer.content.decode()


PRESSED = {
    "bulk_run", "take_back", "claim_next", "claim_case", "drop_view", "lift_hold", "end_absence", "see_broken_glass", "end_grant",
    "renew_grant", "accept_handover", "withdraw_handover", "remove_stay", "unlink_people", "leave_asset", "retire_asset",
    "acknowledge_alarm", "approve_verification", "rotate", "renew_circle", "undo_merge", "remove_honeytoken", "lift_case_lock",
    "approve_release", "reject_release", "publish_release", "download_release", "propose_release", "true_counts_month", "partner_tool",
    "recovery_tool", "retire_recovery_keys", "export_drill",
}  # fmt: skip
"""Buttons with little or nothing beside them: pressed again in a moment."""
NEVER = {
    "erase_case", "erase_request", "lock_case", "lock_by_reference", "clear_case", "merge_pair", "pair", "compare_requests",
    "admit_member", "remove_member", "open_circle", "hand_keys", "plant_honeytoken", "reveal_record", "reveal_request", "reveal_asset",
    "break_glass", "make_packet", "export_person", "export_case", "export_archived", "prepare_recovery_key", "reseal_circle",
    "recovery_request", "recovery_file",
}  # fmt: skip
"""What ends or opens something for good, or takes words or a file: decided again by whoever has just proven who they are."""


def test_what_is_typed_is_carried_unless_it_is_named_here() -> None:
    views = {str(one.name): one.callback for one in patterns() if one.callback.__module__.startswith("requests_app")}
    takes_posts = {name for name, view in views.items() if "POST" in inspect.getsource(inspect.unwrap(view))}
    known = {name for name in takes_posts if not getattr(views[name], "is_public", False)}
    carried_ones = {name for name in known if getattr(views[name], "is_replayable", False)}
    assert known - carried_ones == PRESSED | NEVER
    assert not carried_ones & (PRESSED | NEVER)


NO_ADDRESS = {
    "caseworker/enrol.html", "caseworker/first_words.html", "caseworker/keep_words.html", "caseworker/new_words.html",
    "caseworker/profile.html", "caseworker/second_factor.html", "caseworker/unlock_everyone.html", "caseworker/welcome.html",
    "requests_app/circles/open.html", "requests_app/circles/remove.html", "requests_app/claims/code.html",
    "requests_app/duplicates/merge.html", "requests_app/duplicates/pair.html", "requests_app/handovers/glass.html",
    "requests_app/handovers/keys.html", "requests_app/recovery/case.html", "requests_app/recovery/person.html",
    "requests_app/recovery/request.html", "requests_app/recovery/reseal.html",
}  # fmt: skip
"""Pages whose form is never carried, and goes to where the page stands."""


def test_a_form_that_may_be_shown_again_elsewhere_says_where_it_goes() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    pages = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
    assert {
        name for name, text in pages.items() if re.search(r'<form method="post"(?![^>]* action=)', text)
    } == NO_ADDRESS


def test_a_carried_form_that_is_refused_goes_back_to_its_own_address(
    cast: Cast, boris: Member, sign_in: SignIn
) -> None:
    client = sign_in(boris)
    client.post(reverse("lock"))
    typed = {"from_on": "", "until_on": "", "_for": replay.binding(boris.person)}
    carry = carried(client.post(reverse("absences"), typed))
    page = client.post(reverse("unlock"), {"words": boris.words, "carry": carry}).content.decode()
    assert f'<form method="post" action="{reverse("absences")}"' in page


def test_what_opens_no_more_is_not_called_kept(cast: Cast, boris: Member) -> None:
    case, client = make_case(cast), strict(boris)
    answer = client.post(reverse("add_note", args=[case.id]), typed_note(case, boris))
    again = {"carry": "00" * 60, "csrfmiddlewaretoken": token_in(answer), "_for": replay.binding(boris.person)}
    page = client.post(reverse("send_again"), again).content.decode()
    assert "open too long" in page
    assert 'name="carry"' not in page


def test_what_is_carried_is_never_sealed_twice(boris: Member) -> None:
    request = RequestFactory().post(reverse("add_note", args=[uuid.uuid4()]), {"text": TEXT})
    carry = replay.seal_post(request, boris.person.id)
    request = RequestFactory().post(reverse("send_again"), {"carry": carry, "_for": replay.binding(boris.person)})
    assert replay._token_for(request) == carry


def test_a_second_factor_that_is_missing_is_missed_after_a_lock_too(
    cast: Cast, boris: Member, sign_in: SignIn, settings: Any
) -> None:
    case, client = make_case(cast), sign_in(boris)
    client.post(reverse("lock"))
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    settings.SECOND_FACTOR_REQUIRED = True
    client.post(reverse("unlock"), {"words": boris.words, "carry": carry})
    assert not Note.objects.exists()


def test_a_volunteer_sends_an_old_form_again_in_a_panic(cast: Cast, anna: Member) -> None:
    client = strict(anna)
    PanicState.objects.filter(id=1).update(is_locked=True, locked_at=START)
    answer = client.post(reverse("log_request"), {"contacts": TEXT, "_for": replay.binding(anna.person)})
    again = {"carry": carried(answer), "csrfmiddlewaretoken": token_in(answer), "_for": replay.binding(anna.person)}
    page = client.post(reverse("send_again"), again)
    assert page.status_code == 200
    assert TEXT in page.content.decode()


def test_files_are_not_carried(boris: Member) -> None:
    request = RequestFactory().post("/x/", {"file": SimpleUploadedFile("x.txt", b"x")})
    assert replay.seal_post(request, boris.person.id) is None


def test_only_marked_views_are_replayed(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    SessionRow.objects.all().delete()
    data = {"version": case.version, "reference": case.reference, "_for": replay.binding(eva.person)}
    answer = client.post(reverse("erase_case", args=[case.id]), data)
    assert answer.status_code == 401
    request = RequestFactory().post(reverse("erase_case", args=[case.id]), data)
    token = replay.seal_post(request, eva.person.id)
    assert token is not None
    sign_in_with(eva, token)
    assert SealedRecord.objects.exists()
