"""The security headers of every response, refusals and static files included."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from caseworker.shortcuts import runs_script

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REFUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in REFUSED_FEATURES),
    "Referrer-Policy": "same-origin",  # no-referrer would send "Origin: null" with every form, which Django refuses
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
}
KEPT = frozenset({200, 206, 304})
"""What a static file answers with when there is one."""


class SecurityHeadersMiddleware:
    """Put :data:`HEADERS` on every response; forbid storing any page, whoever asked for it.

    Scripts run nowhere, except the one of this server on the pages of a person who turned the shortcuts on. Stand first in ``MIDDLEWARE``, so that no inner middleware can answer without passing here. Only static files, which are the same
    for everybody, keep the caching that their server chose.
    """

    def __init__(self, next_step: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the *next_step*."""
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers set."""
        response = self.next_step(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        if runs_script(request):
            response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
        if not request.path.startswith(settings.STATIC_URL) or response.status_code not in KEPT:
            response.headers["Cache-Control"] = "no-store"
        return response
