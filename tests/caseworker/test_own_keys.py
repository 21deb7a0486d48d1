"""New words for the same key, and a new key when somebody may know the words."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker import new_words
from caseworker.actions.own_keys import change_words, replace_key
from caseworker.enums import CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import CircleGrant, CircleKey, StaffKey
from caseworker.unlocking import active_key_of, unlock
from requests_app.enums import SealedKind
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record, seal_record
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def _note(cast: Cast) -> SealedRecord:
    return seal_record(SealedKind.NOTE, {"text": "fx_note"}, owner_id=cast.north.id, circles=[cast.north], now=START)


def _words_of(page: str) -> str:
    return " ".join(re.findall(r"<li><code>([a-z-]+)</code></li>", page))


def test_new_words_open_the_same_key_and_old_ones_nothing(cast: Cast, boris: Member) -> None:
    record, ring = _note(cast), boris.keyring()
    key = change_words("entirely new words", keyring=ring, cookie=None, actor=boris.person, now=START)
    assert unlock(active_key_of(boris.person), boris.words) is None
    fresh = unlock(active_key_of(boris.person), "entirely new words")
    assert fresh is not None
    assert fresh.staff_key_id == key.id == ring.staff_key_id
    assert open_record(record, keyring=fresh)["text"] == "fx_note"


def test_a_new_key_reads_old_and_new_and_the_old_ring_reads_nothing(cast: Cast, boris: Member) -> None:
    before, old = _note(cast), boris.keyring()
    key = replace_key("entirely new words", keyring=old, cookie=None, actor=boris.person, now=START)
    after, fresh = _note(cast), unlock(key, "entirely new words")
    assert fresh is not None
    assert [open_record(one, keyring=fresh)["text"] for one in (before, after)] == ["fx_note"] * 2
    for one in (before, after):
        with pytest.raises(PolicyRefused):
            open_record(one, keyring=old)
    assert not CircleGrant.objects.filter(staff_key_id=old.staff_key_id).exists()
    assert CircleKey.objects.get(circle=cast.north, state=CircleKeyState.ACTIVE).version == 2
    assert StaffKey.objects.filter(person=boris.person).count() == 2
    with pytest.raises(PolicyRefused):
        change_words("x", keyring=old, cookie=None, actor=boris.person, now=START)


def test_somebody_without_a_circle_replaces_a_key_too(cast: Cast, anna: Member) -> None:
    replace_key("new words", keyring=anna.keyring(), cookie=None, actor=anna.person, now=START)
    assert unlock(active_key_of(anna.person), "new words") is not None
    assert audit_verbs()[-1] == "replace_key"


@pytest.mark.parametrize("exposed", [False, True])
def test_the_pages_change_words_and_keep_this_session_only(
    cast: Cast, boris: Member, sign_in: SignIn, exposed: bool
) -> None:
    record, elsewhere, here = _note(cast), sign_in(boris), sign_in(boris)
    data = {"words": boris.words} | ({"exposed": "on"} if exposed else {})
    assert here.post(reverse("new_words"), data)["Location"] == reverse("keep_words")
    words = _words_of(here.get(reverse("keep_words")).content.decode())
    wrong = here.post(reverse("keep_words"), {"words": boris.words}).content.decode()
    assert _words_of(wrong) == words
    assert here.post(reverse("keep_words"), {"words": words})["Location"] == reverse("profile")
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200
    assert here.get(reverse("keep_words"))["Location"] == reverse("new_words")
    fresh = unlock(active_key_of(boris.person), words)
    assert fresh is not None
    assert open_record(record, keyring=fresh)["text"] == "fx_note"
    here.post(reverse("lock"))
    assert here.post(reverse("unlock"), {"words": words}).status_code == 302


def test_new_words_need_the_old_ones_within_the_throttle(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    for _ in range(5):
        page = client.post(reverse("new_words"), {"words": "not mine at all"}).content.decode()
        assert "These are not your words" in page
    assert "Too many attempts" in client.post(reverse("new_words"), {"words": boris.words}).content.decode()
    assert client.get(reverse("keep_words"))["Location"] == reverse("new_words")


def test_words_that_wait_die_after_ten_minutes(boris: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(boris)
    client.post(reverse("new_words"), {"words": boris.words})
    later = new_words.time.time() + new_words.LIFETIME_SECONDS + 1
    monkeypatch.setattr(new_words.time, "time", lambda: later)
    assert new_words.pending_words({new_words.PENDING_KEY: ["a b", False, later - 1]}) is None  # type: ignore[arg-type]


def test_a_session_ends_from_elsewhere_by_its_row(boris: Member, sign_in: SignIn) -> None:
    elsewhere, here = sign_in(boris), sign_in(boris)
    page = here.get(reverse("profile")).content.decode()
    name = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert len(name) == 1
    here.post(reverse("end_sessions"), {"session": name[0]})
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200
    sign_in(boris).post(reverse("end_sessions"), {"session": "0" * 64})
    assert here.get(reverse("profile")).status_code == 200
