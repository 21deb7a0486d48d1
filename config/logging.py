"""Logs by allow-list: a record shows its level, logger, fixed message and a few known keys; never arguments, values or tracebacks.

An exception is logged as its class and the place it was raised. Nothing is mailed.
"""

import json
import logging
import traceback
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

ALLOWED_KEYS = ("status_code", "view", "rule", "job", "correlation", "count")


class AllowListFormatter(logging.Formatter):
    """Format a record as one JSON line of allowed keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; the message is the template before its arguments are put in."""
        line: dict[str, Any] = {"level": record.levelname, "logger": record.name, "message": str(record.msg)[:200]}
        line |= {key: str(getattr(record, key)) for key in ALLOWED_KEYS if hasattr(record, key)}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            if frames:
                line["at"] = f"{frames[-1].name}:{frames[-1].lineno}"
        return json.dumps(line, ensure_ascii=True)


class SilentFilter(SafeExceptionReporterFilter):
    """Clean everything out of error reports."""

    def get_safe_settings(self) -> dict[str, Any]:
        """Show no settings."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Show no headers."""
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Show no cookies."""
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Show nothing that was typed."""
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Show no local variables."""
        return {}.items()


class SilentReporter(ExceptionReporter):
    """Report an error as its class only."""

    def get_traceback_text(self) -> SafeString:
        """Return the class of the exception, no text of it."""
        return SafeString(self.exc_type.__name__ if self.exc_type else "error")

    def get_traceback_html(self) -> SafeString:
        """Return the same as text."""
        return self.get_traceback_text()


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"allow_list": {"()": AllowListFormatter}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "allow_list"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
