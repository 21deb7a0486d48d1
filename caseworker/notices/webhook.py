"""Post a text to an address that somebody typed, without letting that address lead this server anywhere it should not go.

Only ``https`` and port 443; the name is resolved once, every address it has must be public, and the connection goes to the one that was
checked (no second look-up to be lied to by); nothing is followed, and of the answer only the status line is read, within a fixed time.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from caseworker.enums import NoticeProblem
from caseworker.notices.problems import NoticeFailed

SECONDS = 15.0
LONGEST_URL = 300
HTTPS = 443
STATUS_LINE = 64
SIGNATURE = "X-Signature"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CARRIES_ANOTHER = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""Networks whose addresses hold an IPv4 address that is reached through them (RFC 6052, 8215, 3056, 4380)."""
RELAY = ipaddress.ip_network("192.88.99.0/24")
"""Leads to a relay of RFC 3068, which leads anywhere."""


def parts_of(url: str) -> SplitResult | None:
    """Return the parts of an address that may be posted to, else None."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        is_plain = not (parts.username or parts.password or parts.fragment) and parts.port in (None, HTTPS)
    except ValueError:
        return None
    return parts if parts.scheme == "https" and parts.hostname and is_plain and "@" not in parts.netloc else None


def is_public(address: Address) -> bool:
    """Tell whether an address lies in the public network, and does not carry one that does not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in CARRIES_ANOTHER):
            return False
    if address in RELAY:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _resolve(host: str) -> str:
    """Return one address of *host*; raises ``NoticeFailed`` unless all of them are public, or the settings name the host."""
    try:
        found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoticeFailed(NoticeProblem.UNREACHABLE) from None
    addresses = [str(row[4][0]).partition("%")[0] for row in found]
    is_local = host.lower() in settings.NOTICE_LOCAL_WEBHOOKS
    if not addresses or not (is_local or all(is_public(ipaddress.ip_address(one)) for one in addresses)):
        raise NoticeFailed(NoticeProblem.INSIDE)
    return addresses[0]


def signature(body: bytes, *, secret: bytes, at: int) -> str:
    """Return ``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the seconds, a dot and the body."""
    mac = hmac.new(secret, str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def _status(wire: socket.socket, ends: float) -> int:
    """Read no more than the status line of the answer; 0 for anything else, or when time is up."""
    line = b""
    while b"\n" not in line and len(line) < STATUS_LINE:
        wire.settimeout(max(0.01, ends - time.monotonic()))
        piece = wire.recv(STATUS_LINE - len(line))
        if not piece or time.monotonic() > ends:
            break
        line += piece
    words = line.split(b" ", 2)
    is_http = len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1][:3].isdigit()
    return int(words[1][:3]) if is_http else 0


def _exchange(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    host, ends = str(parts.hostname), time.monotonic() + SECONDS
    raw = socket.create_connection((_resolve(host), HTTPS), timeout=SECONDS)
    with raw, ssl.create_default_context().wrap_socket(raw, server_hostname=host) as wire:
        connection = http.client.HTTPSConnection(host)
        connection.sock = wire
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=headers)
        return _status(wire, ends)


def post(url: str, text: str, *, secret: bytes) -> None:
    """Post ``{"text": text}``, signed; raises ``NoticeFailed`` unless the answer is a 2xx."""
    parts = parts_of(url)
    if parts is None:
        raise NoticeFailed(NoticeProblem.REFUSED)
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    signed = signature(body, secret=secret, at=int(time.time()))
    headers = {"Content-Type": "application/json; charset=utf-8", "Connection": "close", SIGNATURE: signed}
    try:
        status = _exchange(parts, body, headers)
    except (OSError, http.client.HTTPException):
        raise NoticeFailed(NoticeProblem.UNREACHABLE) from None
    if not 200 <= status < 300:
        raise NoticeFailed(NoticeProblem.REFUSED)
