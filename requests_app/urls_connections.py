"""Addresses of what cases are connected with."""

from django.urls import URLPattern, URLResolver, path

from requests_app.views import assets, connections, contacts, referrals

CASE = "cases/<uuid:case_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{CASE}contacts/", contacts.case_contacts, name="case_contacts"),
    path(f"{CASE}contacts/add/", contacts.add_contact, name="add_contact"),
    path(f"{CASE}contacts/<uuid:point_id>/safety/", contacts.change_safety, name="change_safety"),
    path(f"{CASE}contacts/<uuid:point_id>/retire/", contacts.retire_contact, name="retire_contact"),
    path(f"{CASE}connections/", connections.case_connections, name="case_connections"),
    path(f"{CASE}links/add/", connections.link_people, name="link_people"),
    path(f"{CASE}links/<uuid:link_id>/remove/", connections.unlink_people, name="unlink_people"),
    path(f"{CASE}uses/add/", connections.use_asset, name="use_asset"),
    path(f"{CASE}uses/<uuid:use_id>/leave/", connections.leave_asset, name="leave_asset"),
    path(f"{CASE}consents/", connections.case_consents, name="case_consents"),
    path(f"{CASE}consents/add/", connections.record_consent, name="record_consent"),
    path(f"{CASE}consents/<uuid:consent_id>/withdraw/", connections.withdraw_consent, name="withdraw_consent"),
    path(f"{CASE}referrals/", referrals.case_referrals, name="case_referrals"),
    path(f"{CASE}referrals/packet/", referrals.make_packet, name="make_packet"),
    path(f"{CASE}referrals/<uuid:referral_id>/settle/", referrals.settle_referral, name="settle_referral"),
    path("assets/", assets.assets, name="assets"),
    path("assets/add/", assets.add_asset, name="add_asset"),
    path("assets/tool/", assets.partner_tool, name="partner_tool"),
    path("assets/<uuid:asset_id>/", assets.asset, name="asset"),
    path("assets/<uuid:asset_id>/burn/", assets.burn_asset, name="burn_asset"),
    path("assets/<uuid:asset_id>/retire/", assets.retire_asset, name="retire_asset"),
    path("assets/<uuid:asset_id>/key/", assets.add_partner_key, name="add_partner_key"),
    path("assets/<uuid:asset_id>/reveal/", assets.reveal_asset, name="reveal_asset"),
]
