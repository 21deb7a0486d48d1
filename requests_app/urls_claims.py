"""Addresses of the requester's own page."""

from django.urls import path

from requests_app.views import claims

urlpatterns = [
    path("claim/", claims.claim, name="claim"),
    path("claim/choices/", claims.claim_choices, name="claim_choices"),
    path("claim/held/", claims.claim_held, name="claim_held"),
    path("claim/withdraw/", claims.claim_withdraw, name="claim_withdraw"),
    path("claim/erase/", claims.claim_erase, name="claim_erase"),
    path("claim/keep/", claims.claim_keep, name="claim_keep"),
    path("claim/leave/", claims.claim_leave, name="claim_leave"),
]
