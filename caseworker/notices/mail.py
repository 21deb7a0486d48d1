"""E-mail that names nothing but its two addresses: no host in the greeting or in the headers."""

import smtplib
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from caseworker.enums import NoticeProblem
from caseworker.notices.problems import NoticeFailed
from caseworker.notices.texts import SUBJECT

GREETING = "localhost"


class QuietBackend(EmailBackend):
    """Django's SMTP with a greeting (RFC 5321, 4.1.1.1) that does not name this host."""

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]
        """Return what makes a connection."""
        make = smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP

        def quietly(host: str, port: int, **options: Any) -> smtplib.SMTP:
            return make(host, port, **(options | {"local_hostname": GREETING}))

        return quietly


def send_mail(address: str, text: str) -> None:
    """Send *text*; raises ``NoticeFailed``."""
    domain = settings.NOTICE_FROM.rpartition("@")[2]
    headers = {"Message-ID": f"<{uuid.uuid4().hex}@{domain}>", "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(SUBJECT, text, settings.NOTICE_FROM, [address], headers=headers).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
        raise NoticeFailed(NoticeProblem.REFUSED) from None
    except (OSError, smtplib.SMTPException):
        raise NoticeFailed(NoticeProblem.UNREACHABLE) from None
