"""Links between people and what cases depend on: seen by nobody who may not, gone when somebody is erased, moved with a merge."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from caseworker.actions.circles import admit_member
from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from caseworker.vault.sealing import Suite, fingerprint
from requests_app.actions import assets, closure, erasure, linking
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.duplicates import decide_pair
from requests_app.actions.honeytokens import plant_honeytoken
from requests_app.actions.intake import SealedTexts
from requests_app.actions.merging import merge_cases, undo_merge
from requests_app.actions.retention import erase_texts
from requests_app.connection_codes import INVERSE, NAMELESS, AssetKind, BurnReason, LinkKind
from requests_app.duplicate_codes import PairDecision
from requests_app.enums import Outcome, Stage
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, AssetUse, Consent, PartnerKey, PersonLink, Referral
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.partner_keys import genuine_key_of
from requests_app.queries.connections import assets_seen_by, cases_on, connections_of, other_end
from requests_app.queries.queue_table import QUEUES
from requests_app.queries.queues import queue_counts, queue_page
from requests_app.sealed import open_record
from tests.cast import START, Cast, audit_verbs
from tests.connections import PARTNER_NAME, agree, make_asset, make_partner, pair_of, refused
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db


def request_of(case: Case) -> HelpRequest:
    return HelpRequest.objects.filter(case=case).order_by("id")[0]


def link(cast: Cast, one: Case, other: Case, kind: LinkKind = LinkKind.SPOUSE, **kwargs: Any) -> PersonLink:
    about: dict[str, Any] = {"actor": cast.boris.person, "now": START} | kwargs
    return linking.link_people(request_of(one), request_of(other), kind, **about)


def seen(cast: Cast, name: str, case: Case) -> list[tuple[str, str]]:
    lines = connections_of(case, person=cast.all()[name].person, now=START)
    return [(line.code, line.words) for line in lines if line.table.startswith("link")]


def use(cast: Cast, case: Case, asset: Asset) -> AssetUse:
    return assets.use_asset(case, asset, actor=cast.boris.person, now=START)


def burn(cast: Cast, asset: Asset) -> int:
    return assets.burn_asset(asset, BurnReason.SEIZED, actor=cast.sofia.person, now=START)


def queue(cast: Cast, name: str, code: str) -> list[Any]:
    page = queue_page(cast.all()[name].person, {"queue": code}, cursor=None, now=START)
    return [row["id"] for row in page.rows]


def test_every_kind_has_an_inverse_that_leads_back() -> None:
    assert set(INVERSE) == set(LinkKind)
    assert all(INVERSE[INVERSE[kind]] is kind for kind in LinkKind)


@pytest.mark.parametrize("turned", [True, False])
def test_both_sides_see_the_link_each_in_its_own_words(cast: Cast, turned: bool) -> None:
    cases = sorted((make_case(cast), make_case(cast)), key=lambda case: request_of(case).id, reverse=turned)
    child, mother = cases
    made = link(cast, child, mother, LinkKind.PARENT)
    assert made.kind == (LinkKind.CHILD if turned else LinkKind.PARENT)
    assert seen(cast, "boris", child) == [(made.kind, mother.reference)]
    assert seen(cast, "eva", mother) == [(made.kind, child.reference)]
    assert link(cast, child, mother, LinkKind.RELATIVE).id == made.id
    assert PersonLink.objects.get().kind == LinkKind.RELATIVE
    linking.unlink_people(made, actor=cast.boris.person, now=START)
    assert seen(cast, "boris", child) == []
    assert audit_verbs()[-3:] == ["link_people", "link_people", "unlink_people"]


def test_a_link_lets_nobody_see_the_other_end(cast: Cast) -> None:
    """Clara reads the south; the north end stays hidden from her, and hers from nobody else."""
    north, south = make_case(cast), make_case(cast)
    Case.objects.filter(id=south.id).update(circle=cast.south)
    HelpRequest.objects.filter(case=south).update(circle=cast.south)
    with pytest.raises(PolicyRefused):
        link(cast, north, south)
    assert not PersonLink.objects.exists()
    made = link(cast, north, south, actor=cast.eva.person)
    assert seen(cast, "clara", south) == seen(cast, "boris", north) == []
    for name, case in (("boris", north), ("clara", south)):
        with pytest.raises(PolicyRefused):
            linking.unlink_people(made, actor=cast.all()[name].person, now=START)
        assert other_end((south if case is north else north).reference, person=cast.all()[name].person, now=START) == (
            None,
            None,
        )
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert len(seen(cast, "clara", south)) == 1
    for name in ("anna", "dmitri", "sofia", "olga", "mallory"):
        assert not PersonLink.objects.visible_to(cast.all()[name].person, now=START).exists()


def test_a_border_hides_the_far_end(cast: Cast) -> None:
    one, other = make_case(cast), make_case(cast)
    link(cast, one, other)
    Case.objects.filter(id=other.id).update(stage=Stage.BORDER_CROSSING)
    assert seen(cast, "eva", one) == []
    assert len(seen(cast, "boris", one)) == 1


def test_a_request_without_a_case_can_be_an_end(cast: Cast) -> None:
    case, alone = make_case(cast), make_request(cast)
    found, there = other_end(alone.reference, person=cast.boris.person, now=START)
    assert (found, there) == (alone, None)
    linking.link_people(request_of(case), alone, LinkKind.SIBLING, actor=cast.boris.person, now=START)
    assert seen(cast, "boris", case) == [("sibling", alone.reference)]
    by_case, there = other_end(case.reference, person=cast.boris.person, now=START)
    assert (by_case, there) == (request_of(case), case)
    by_request, there = other_end(request_of(case).reference, person=cast.boris.person, now=START)
    assert (by_request, there) == (request_of(case), case)
    ask_for_erasure(alone, now=START)
    assert seen(cast, "boris", case) == []
    with pytest.raises(PolicyRefused):
        linking.link_people(request_of(case), alone, LinkKind.SIBLING, actor=cast.boris.person, now=START)


def test_nobody_is_linked_to_themselves(cast: Cast) -> None:
    case = make_case(cast)
    with refused("same case"):
        link(cast, case, case)
    alone = make_request(cast)
    with refused("same case"):
        linking.link_people(alone, alone, LinkKind.OTHER, actor=cast.boris.person, now=START)


def test_related_requests_are_linked(cast: Cast) -> None:
    low, high = sorted((make_request(cast), make_request(cast)), key=lambda one: one.id)
    pair = DuplicatePair.objects.create(low=low, high=high, signals=["phone"], found_on=START.date())
    decide_pair(pair, PairDecision.RELATED, actor=cast.boris.person, now=START)
    made = PersonLink.objects.get()
    assert (made.low, made.high, made.kind) == (low, high, LinkKind.TOGETHER)
    linking.keep_together(high, low, by=cast.boris.person, on=START.date())
    assert PersonLink.objects.get() == made


def whole(cast: Cast) -> tuple[Case, Case]:
    """Make a case with everything it can be connected with, and the other end."""
    case, other, partner = make_case(cast), make_case(cast), make_partner(cast)
    link(cast, case, other)
    use(cast, case, make_asset(cast))
    consent = agree(cast, case, partner.asset)
    Referral.objects.create(
        case=case, partner=partner.asset, consent=consent, service="legal", made_on=START.date(), ask_on=START.date()
    )
    return case, other


def connected(case: Case) -> list[int]:
    links = PersonLink.objects.of(case)
    rows = (AssetUse.objects.filter(case=case), Consent.objects.filter(case=case), Referral.objects.filter(case=case))
    return [links.count(), *(one.count() for one in rows)]


@pytest.mark.parametrize("how", ["person", "texts"])
def test_erasing_leaves_nothing_that_leads_to_the_person(cast: Cast, how: str) -> None:
    case, other = whole(cast)
    assert connected(case) == [1, 1, 1, 1]
    if how == "person":
        erasure.erase_case(case, actor=cast.eva.person, now=START)
    else:
        closure.close_case(case, Outcome.NO_RESPONSE, version=case.version, actor=cast.boris.person, now=START)
        erase_texts(case, actor=None, now=START)
    assert connected(case) == [0, 0, 0, 0]
    assert not Consent.objects.of(case).exists()
    assert PersonLink.objects.count() == 0
    assert Consent.objects.of(other).count() == 1
    assert Asset.objects.count() == 2


def test_a_request_alone_takes_its_links_and_consent_along(cast: Cast) -> None:
    alone, case = make_request(cast), make_case(cast)
    linking.link_people(alone, request_of(case), LinkKind.FRIEND, actor=cast.boris.person, now=START)
    erasure.erase_request(alone, actor=cast.eva.person, now=START)
    assert not PersonLink.objects.exists()
    assert not Consent.objects.filter(help_request=alone).exists()


def test_a_merge_moves_everything_and_gives_it_back(cast: Cast) -> None:
    """What both depend on stays with each; a link between the two says nothing of one person and comes back with them."""
    older, shared = make_case(cast), make_asset(cast)
    younger, other = whole(cast)
    link(cast, younger, older)
    for case in (older, younger):
        use(cast, case, shared)
    assert connected(younger) == [2, 2, 1, 1]
    merge = merge_cases(younger, older, actor=cast.boris.person, now=START)
    assert connected(older) == [1, 2, 1, 1]
    assert connected(younger) == [0, 1, 0, 0]
    assert seen(cast, "boris", older) == [("spouse", other.reference)]
    undo_merge(merge, actor=cast.boris.person, now=START)
    assert connected(younger) == [2, 2, 1, 1]
    assert connected(older) == [1, 1, 0, 0]


@pytest.mark.parametrize("kind", AssetKind)
def test_guides_houses_and_steps_have_no_name_and_all_else_a_sealed_one(cast: Cast, kind: AssetKind) -> None:
    is_nameless = kind in NAMELESS
    with refused("no name here"):
        make_asset(cast, kind, PARTNER_NAME if is_nameless else " ")
    made = make_asset(cast, kind, "" if is_nameless else PARTNER_NAME)
    assert made.codename
    if made.record is None:
        assert is_nameless
        with pytest.raises(IntegrityError), transaction.atomic():
            Asset.objects.filter(id=made.id).update(record=make_asset(cast, AssetKind.PHONE, "fx").record)
    else:
        assert open_record(made.record, keyring=cast.boris.keyring()) == {"text": PARTNER_NAME}
    assert PARTNER_NAME not in str(list(Asset.objects.values()))
    assert "add_asset" in audit_verbs()


def test_who_adds_burns_and_sees(cast: Cast) -> None:
    asset = make_asset(cast)
    for name in ("anna", "boris", "dmitri", "sofia", "olga", "mallory"):
        with pytest.raises(PermissionRefused):
            assets.add_asset(AssetKind.GUIDE, cast.north, "", actor=cast.all()[name].person, now=START)
    for name in ("anna", "boris", "dmitri", "olga", "mallory"):
        with pytest.raises(PermissionRefused):
            assets.burn_asset(asset, BurnReason.OTHER, actor=cast.all()[name].person, now=START)
    sees = {name: bool(assets_seen_by(member.person, now=START)) for name, member in cast.all().items()}
    expected = {"boris", "eva", "sofia"}
    assert {name for name, it_does in sees.items() if it_does} - {"mallory"} == expected


def test_what_is_burned_stands_in_the_queue_until_the_case_is_moved(cast: Cast) -> None:
    case, quiet, asset = make_case(cast), make_case(cast), make_asset(cast)
    made, _other = use(cast, case, asset), use(cast, quiet, make_asset(cast))
    assert queue(cast, "boris", "burned") == []
    assert burn(cast, asset) == 1
    assert queue(cast, "boris", "burned") == queue(cast, "eva", "burned") == [case.id]
    assert queue(cast, "clara", "burned") == []
    assert list(cases_on(asset, person=cast.boris.person, now=START)) == [case]
    for name in ("clara", "sofia"):
        assert list(cases_on(asset, person=cast.all()[name].person, now=START)) == []
    Case.objects.filter(id=case.id).update(stage=Stage.BORDER_CROSSING)
    assert list(cases_on(asset, person=cast.eva.person, now=START)) == []
    with refused("burned"):
        use(cast, quiet, asset)
    with pytest.raises(StaleVersion):
        burn(cast, asset)
    assets.leave_asset(made, actor=cast.boris.person, now=START)
    assert queue(cast, "boris", "burned") == []
    assert audit_verbs()[-2:] == ["burn_asset", "leave_asset"]


def test_what_is_given_up_or_of_another_circle_takes_no_case(cast: Cast) -> None:
    case, asset = make_case(cast), make_asset(cast)
    assert use(cast, case, asset) == use(cast, case, asset)
    assets.retire_asset(asset, actor=cast.eva.person, now=START)
    with pytest.raises(StaleVersion):
        assets.retire_asset(asset, actor=cast.eva.person, now=START)
    elsewhere = assets.add_asset(AssetKind.GUIDE, cast.south, "", actor=cast.eva.person, now=START)
    for other in (asset, elsewhere):
        with pytest.raises(PolicyRefused):
            use(cast, make_case(cast), other)


@pytest.mark.parametrize("suite", [Suite.X25519, Suite.XWING])
def test_a_partner_key_is_compared_and_proven(cast: Cast, suite: Suite) -> None:
    partner = make_partner(cast, suite)
    key = genuine_key_of(partner.asset)
    assert key is not None
    assert (key.suite, bytes(key.public_key)) == (suite, partner.pair.public_key)
    other = pair_of(suite, bytes(32))
    with refused("another fingerprint"):
        assets.add_partner_key(
            partner.asset,
            other.public_key,
            compared=fingerprint(suite, partner.pair.public_key),
            actor=cast.eva.person,
            now=START,
        )
    PartnerKey.objects.filter(id=key.id).update(public_key=other.public_key)
    assert genuine_key_of(partner.asset) is None


def test_a_newer_key_replaces_the_older_and_a_burned_partner_has_none(cast: Cast) -> None:
    partner, other = make_partner(cast), pair_of(Suite.X25519, bytes(range(32)))
    compared = fingerprint(other.suite, other.public_key)
    assets.add_partner_key(partner.asset, other.public_key, compared=compared, actor=cast.eva.person, now=START)
    assert PartnerKey.objects.filter(retired_on__isnull=True).count() == 1
    burn(cast, partner.asset)
    assert genuine_key_of(partner.asset) is None
    for asset, why in ((partner.asset, "out of use"), (make_asset(cast), "Only a partner")):
        with refused(why):
            assets.add_partner_key(asset, other.public_key, compared=compared, actor=cast.eva.person, now=START)


@pytest.mark.parametrize("raw", [b"", b"x" * 31, bytes(32), b"\xff" * 1216])
def test_what_is_no_key_is_refused(cast: Cast, raw: bytes) -> None:
    asset = make_asset(cast, AssetKind.PARTNER, PARTNER_NAME)
    with refused("no public key"):
        assets.add_partner_key(asset, raw, compared="", actor=cast.eva.person, now=START)


def test_the_counts_of_all_queues_are_one_query_whatever_is_connected(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for rows in range(2):
        for _ in range(rows * 3):
            whole(cast)
        with django_assert_num_queries(1):
            counts, _views = queue_counts(cast.boris.person, {}, now=START)
        for code in ("burned", "recalled", "consent_ends", "ask_partner", "duplicates"):
            assert code in counts
            with django_assert_num_queries(1):
                assert len(queue(cast, "boris", code)) == counts[code]
    assert counts["ask_partner"] == 3


def test_cases_that_may_be_double_are_a_queue_of_coordinators(cast: Cast) -> None:
    one, other = make_case(cast), make_case(cast)
    low, high = sorted((request_of(one), request_of(other)), key=lambda request: request.id)
    pair = DuplicatePair.objects.create(low=low, high=high, signals=["phone"], found_on=START.date())
    assert set(queue(cast, "boris", "duplicates")) == {one.id, other.id}
    assert queue(cast, "clara", "duplicates") == []
    assert "eva" not in QUEUES["duplicates"].roles
    decide_pair(pair, PairDecision.RELATED, actor=cast.boris.person, now=START)
    assert queue(cast, "boris", "duplicates") == []


def test_the_lines_of_a_case_are_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    case, _other = whole(cast)
    for _ in range(3):
        link(cast, case, make_case(cast))
        use(cast, case, make_asset(cast))
    with django_assert_num_queries(1):
        lines = connections_of(case, person=cast.boris.person, now=START)
    tables = [line.table.partition("_")[0] for line in lines]
    assert {name: tables.count(name) for name in set(tables)} == {"link": 4, "use": 4, "consent": 1, "referral": 1}


def test_a_planted_case_has_a_first_consent_too(cast: Cast) -> None:
    case = plant_honeytoken(cast.north, SealedTexts("@fx_planted", "Reed", "Asks."), actor=cast.sofia.person, now=START)
    assert Consent.objects.of(case).get().scope == "keep"
