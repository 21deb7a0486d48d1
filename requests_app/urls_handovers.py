"""Addresses of handing over: offers, keys, broken glass, absences."""

from django.urls import path

from requests_app.views import absences, grants, handovers

urlpatterns = [
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/<uuid:handover_id>/accept/", handovers.accept, name="accept_handover"),
    path("handovers/<uuid:handover_id>/decline/", handovers.decline, name="decline_handover"),
    path("handovers/<uuid:handover_id>/withdraw/", handovers.withdraw, name="withdraw_handover"),
    path("cases/<uuid:case_id>/handover/", handovers.offer, name="offer_handover"),
    path("grants/<uuid:grant_id>/keys/", grants.hand_keys, name="hand_keys"),
    path("grants/<uuid:grant_id>/renew/", grants.renew, name="renew_grant"),
    path("grants/<uuid:grant_id>/end/", grants.end, name="end_grant"),
    path("grants/<uuid:grant_id>/seen/", grants.see, name="see_broken_glass"),
    path("glass/", grants.break_glass, name="break_glass"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<uuid:absence_id>/end/", absences.end, name="end_absence"),
]
