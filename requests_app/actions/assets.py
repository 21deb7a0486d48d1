"""What cases depend on: partners, channels, devices, guides, houses, steps. Added by a lead, marked as burned by a lead or an officer.

Burned is for ever: whatever works again is added anew, under a new codename.
"""

import datetime as dt
import hmac
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, check
from caseworker.vault.errors import VaultError
from caseworker.vault.packets import seal_packet, suite_of_key
from caseworker.vault.sealing import fingerprint
from requests_app.actions.contacts import check_may_change
from requests_app.connection_codes import NAMELESS, AssetKind, BurnReason
from requests_app.enums import SealedKind
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, AssetUse, PartnerKey
from requests_app.partner_keys import partner_key_proof
from requests_app.references import new_codename
from requests_app.sealed import seal_record


def _record(asset: Asset, verb: AuditVerb, *, actor: Caseworker, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="asset", object_id=asset.id, now=now)


@transaction.atomic
def add_asset(kind: AssetKind, circle: Circle, name: str, *, actor: Caseworker, now: dt.datetime) -> Asset:
    """Add something under a random codename, its name sealed to the circle.

    Raises ``PolicyRefused`` for the name of a guide, a house or a step, which is written down nowhere, and for a missing name otherwise.
    """
    check(actor, Permission.KEEP_ASSETS)
    if bool(name.strip()) == (kind in NAMELESS):
        raise PolicyRefused(
            _("Guides, houses and steps have no name here, not even a sealed one. Everything else needs one.")
        )
    asset_id, record = uuid.uuid4(), None
    if kind not in NAMELESS:
        record = seal_record(SealedKind.ASSET, {"text": name}, owner_id=asset_id, circles=[circle], now=now)
    asset = Asset.objects.create(
        id=asset_id,
        kind=kind,
        codename=new_codename(),
        circle=circle,
        record=record,
        added_by=actor,
        added_on=now.date(),
    )
    _record(asset, AuditVerb.ADD_ASSET, actor=actor, now=now)
    return asset


@transaction.atomic
def burn_asset(asset: Asset, reason: BurnReason, *, actor: Caseworker, now: dt.datetime) -> int:
    """Mark *asset* as burned, for ever; return how many open cases depend on it. A partner's key is retired with it."""
    check(actor, Permission.BURN_ASSET)
    fresh = Asset.objects.filter(id=asset.id, burned_on__isnull=True)
    if fresh.update(burned_on=now.date(), burned_as=reason, burned_by=actor) != 1:
        raise StaleVersion(_("Somebody has marked it as burned already."))
    _retire_keys(asset, now)
    _record(asset, AuditVerb.BURN_ASSET, actor=actor, now=now)
    asset.refresh_from_db()
    return AssetUse.objects.filter(asset=asset, case__is_open=True).count()


def _retire_keys(asset: Asset, now: dt.datetime) -> None:
    PartnerKey.objects.filter(partner=asset, retired_on__isnull=True).update(retired_on=now.date())


@transaction.atomic
def retire_asset(asset: Asset, *, actor: Caseworker, now: dt.datetime) -> Asset:
    """Give something up that nothing is wrong with: no case is put on it any more."""
    check(actor, Permission.KEEP_ASSETS)
    if Asset.objects.usable().filter(id=asset.id).update(retired_on=now.date()) != 1:
        raise StaleVersion(_("It is out of use already."))
    _retire_keys(asset, now)
    _record(asset, AuditVerb.RETIRE_ASSET, actor=actor, now=now)
    asset.refresh_from_db()
    return asset


def _check_partner(partner: Asset) -> None:
    if partner.kind != AssetKind.PARTNER:
        raise PolicyRefused(_("Only a partner has a key."))
    if partner.burned_on or partner.retired_on:
        raise PolicyRefused(_("This partner is out of use."))


@transaction.atomic
def add_partner_key(
    partner: Asset, public_key: bytes, *, compared: str, actor: Caseworker, now: dt.datetime
) -> PartnerKey:
    """Write down a partner's public key, in place of an earlier one, after its fingerprint was read aloud and typed as *compared*.

    Raises ``PolicyRefused`` when the fingerprint is another one, when this is no key, and for a partner who is out of use.
    """
    check(actor, Permission.KEEP_ASSETS)
    _check_partner(partner)
    try:
        suite = suite_of_key(public_key)
        seal_packet({}, suite=suite, public_key=public_key)
    except (VaultError, ValueError):
        raise PolicyRefused(
            _("This is no public key. Ask the partner for the whole line that the tool printed.")
        ) from None
    if not hmac.compare_digest(compared, fingerprint(suite, public_key)):
        raise PolicyRefused(
            _(
                "This key has another fingerprint than the one you heard. Nothing was written: somebody may have exchanged it."
            )
        )
    _retire_keys(partner, now)
    key = PartnerKey(partner=partner, suite=suite, public_key=public_key, added_by=actor, added_on=now.date())
    key.proof = partner_key_proof(key)
    key.save()
    _record(partner, AuditVerb.ADD_PARTNER_KEY, actor=actor, now=now)
    return key


@transaction.atomic
def use_asset(case: Case, asset: Asset, *, actor: Caseworker, now: dt.datetime) -> AssetUse:
    """Write down that *case* depends on *asset*; raises ``PolicyRefused`` for what is burned, given up, or of another circle."""
    check(actor, Permission.WORK_CASE)
    check_may_change(case)
    if not Asset.objects.usable().filter(id=asset.id, circle_id=case.circle_id).exists():
        raise PolicyRefused(_("It is burned, out of use, or of another circle. Choose another one."))
    use, _made = AssetUse.objects.get_or_create(case=case, asset=asset, defaults={"since_on": now.date()})
    audit.record(actor=actor, verb=AuditVerb.USE_ASSET, kind="case", object_id=case.id, now=now)
    return use


@transaction.atomic
def leave_asset(use: AssetUse, *, actor: Caseworker, now: dt.datetime) -> None:
    """Write down that the case no longer depends on it: the row goes."""
    check(actor, Permission.WORK_CASE)
    check_may_change(use.case)
    audit.record(actor=actor, verb=AuditVerb.LEAVE_ASSET, kind="case", object_id=use.case_id, now=now)
    use.delete()
