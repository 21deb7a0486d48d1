"""The two ways out: what a mail server and a webhook get to see, and where this server does not go."""

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from caseworker.enums import NoticeProblem
from caseworker.notices import texts, webhook
from caseworker.notices.mail import send_mail
from caseworker.notices.problems import NoticeFailed
from tests.loopback import served
from tests.mailing import mail_server

NAME = "hooks.example.org"
SECRET = bytes(range(32))


@dataclass
class Line:
    """A server that takes one connection after another, and remembers what it was told."""

    told: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    pause: float = 0.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return a file with key and certificate for the name, and the certificate."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(private + public)
    return path, public


def _answer(line: Line, wire: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < _length(data):
        piece = wire.recv(4096)
        if not piece:
            break
        data += piece
    line.told.append(data)
    for place in range(len(line.answer)) if line.pause else [0]:
        wire.sendall(line.answer[place : place + 1] if line.pause else line.answer)
        time.sleep(line.pause)


def _length(data: bytes) -> int:
    for row in data.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if row.lower().startswith(b"content-length:"):
            return int(row.split(b":")[1])
    return 0


@pytest.fixture
def hook(certificate: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Line]:
    """Serve TLS on the loopback under the name, which the settings call local."""
    path, public = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    trusted = ssl.create_default_context(cadata=public.decode())
    line = Line()

    def converse(raw: socket.socket) -> None:
        with context.wrap_socket(raw, server_side=True) as wire:
            _answer(line, wire)

    settings.NOTICE_LOCAL_WEBHOOKS = [NAME]
    resolve = socket.getaddrinfo

    def named(host: str, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host == NAME else host, *arguments, **options)

    monkeypatch.setattr(webhook.socket, "getaddrinfo", named)
    monkeypatch.setattr(webhook.ssl, "create_default_context", lambda: trusted)
    with served(converse) as port:
        monkeypatch.setattr(webhook, "HTTPS", port)
        yield line


def problem_of(url: str) -> NoticeProblem:
    with pytest.raises(NoticeFailed) as refusal:
        webhook.post(url, texts.REMINDER, secret=SECRET)
    return refusal.value.problem


def test_a_webhook_is_told_two_lines_signed_and_nothing_else(hook: Line) -> None:
    webhook.post(f"https://{NAME}/in/box?a=b", texts.REMINDER, secret=SECRET)
    head, _gap, body = hook.told[0].partition(b"\r\n\r\n")
    first, *rows = head.decode().split("\r\n")
    headers = dict(row.split(": ", 1) for row in rows)
    assert first == "POST /in/box?a=b HTTP/1.1"
    assert json.loads(body) == {"text": texts.REMINDER}
    assert set(headers) == {"Host", "Accept-Encoding", "Content-Length", "Content-Type", "Connection", "X-Signature"}
    moment, mac = (part.partition("=")[2] for part in headers["X-Signature"].split(","))
    expected = hmac.new(SECRET, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, expected)
    assert abs(int(moment) - time.time()) < 60


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: https://hooks.example.org/other\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 x\r\n",
        b"",
        b"2" * 5000,
    ],
)
def test_every_other_answer_is_a_refusal_and_nothing_is_followed(hook: Line, answer: bytes) -> None:
    hook.answer = answer
    assert problem_of(f"https://{NAME}/") == NoticeProblem.REFUSED
    assert len(hook.told) == 1


def test_a_slow_answer_is_not_waited_for(hook: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    hook.pause, hook.answer = 0.1, b"HTTP/1.1 200 " + b"x" * 50
    monkeypatch.setattr(webhook, "SECONDS", 0.5)
    begun = time.monotonic()
    assert problem_of(f"https://{NAME}/") in {NoticeProblem.REFUSED, NoticeProblem.UNREACHABLE}
    assert time.monotonic() - begun < 5


def test_a_certificate_of_another_name_is_not_talked_to(hook: Line, settings: Any) -> None:
    settings.NOTICE_LOCAL_WEBHOOKS = ["localhost"]
    assert problem_of("https://localhost/") == NoticeProblem.UNREACHABLE
    assert hook.told == []


def test_a_name_that_leads_inside_is_refused_before_a_connection(hook: Line, settings: Any) -> None:
    settings.NOTICE_LOCAL_WEBHOOKS = []
    assert problem_of(f"https://{NAME}/") == NoticeProblem.INSIDE
    assert hook.told == []


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(webhook.socket, "getaddrinfo", lambda *_args, **_options: rows)
    assert problem_of("https://rebinding.example.org/") == NoticeProblem.INSIDE


def test_the_name_is_looked_up_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    reached: list[Any] = []

    def lie(host: str, *_args: Any, **_options: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]

    def connect(address: Any, **_options: Any) -> socket.socket:
        reached.append(address)
        raise OSError

    monkeypatch.setattr(webhook.socket, "getaddrinfo", lie)
    monkeypatch.setattr(webhook.socket, "create_connection", connect)
    assert problem_of("https://rebinding.example.org/") == NoticeProblem.UNREACHABLE
    assert asked == ["rebinding.example.org"]
    assert reached == [("93.184.215.14", 443)]


def test_a_name_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(webhook.socket, "getaddrinfo", unknown)
    assert problem_of("https://nowhere.example.org/") == NoticeProblem.UNREACHABLE


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
        "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not webhook.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_addresses_that_are(address: str) -> None:
    assert webhook.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "https://", "https:///x", "ftp://example.org/", "https://example.org:8443/", "https://user@example.org/",
        "https://user:pw@example.org/", "https://@example.org/", "https://example.org/#part", "https://exa mple.org/", "https://example.org/\r\nX: y",
        "https://exämple.org/", "https://[::1", "https://example.org:x/", "example.org", "", "https://example.org/" + "a" * 300,
    ],
)  # fmt: skip
def test_addresses_that_are_not_taken(url: str) -> None:
    assert webhook.parts_of(url) is None
    assert problem_of(url) == NoticeProblem.REFUSED


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org:443/a?b=c", "https://203.0.113.7/x"])
def test_addresses_that_are_taken(url: str) -> None:
    assert webhook.parts_of(url)


def test_a_mail_server_is_told_no_name_of_this_host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.mail.utils.CachedDnsName.get_fqdn", lambda _self: "the-name-of-this-host")
    settings.EMAIL_BACKEND = "caseworker.notices.mail.QuietBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.NOTICE_FROM = "quiet@example.net"
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        send_mail("fx_look_in@example.org", texts.REMINDER)
    told = server.told
    assert server.texts == [texts.REMINDER]
    assert told[0].lower() == "ehlo localhost"
    assert "the-name-of-this-host" not in "\n".join(told)
    assert "mail FROM:<quiet@example.net>" in told[1]
    assert any(line.startswith("Message-ID: <") and line.endswith("@example.net>") for line in told)


def test_a_mail_server_that_is_not_there_is_unreachable(settings: Any) -> None:
    settings.EMAIL_BACKEND = "caseworker.notices.mail.QuietBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.NOTICE_FROM = "quiet@example.net"
    with pytest.raises(NoticeFailed) as refusal:
        send_mail("fx_look_in@example.org", texts.REMINDER)
    assert refusal.value.problem == NoticeProblem.UNREACHABLE
