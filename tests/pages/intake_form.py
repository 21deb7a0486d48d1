"""The intake form as a browser sends it."""

import re
from typing import Any

from django.test import Client

NEW = "/requests/new/"
CONTACT, NAME, STORY = "+44 7700 900123", "Needle-Klyon", "Story-needle: lies in hospital, wants to leave."


def filled(client: Client, **changes: Any) -> dict[str, Any]:
    """Open the form and return what a browser would send with it."""
    page = client.get(NEW).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    codes = dict.fromkeys(("requester", "category", "situation", "channel", "hours_band"), "unknown")
    answers = dict.fromkeys(("may_write", "may_call", "may_leave_message"), "unknown")
    texts = {"contacts": CONTACT, "name": NAME, "story": STORY}
    rest = {"urgency": "u4_routine", "country": "XX", "time_zone": "", "agreed": "on"}
    return hidden | codes | answers | texts | rest | changes
