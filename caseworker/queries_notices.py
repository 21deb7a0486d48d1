"""What somebody sees of their own notices: never the address."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from caseworker.enums import NoticeChannel
from caseworker.models.accounts import Caseworker
from caseworker.models.notices import NoticeChoice
from caseworker.notices.addresses import webhook_secret


@dataclass(frozen=True)
class NoticePage:
    """What was chosen, whether it is proven, how the last try went; *hours* and *zone* are the fixed times of this installation."""

    channels: list[str]
    hours: list[str]
    zone: str
    level_code: str = ""
    level: str = ""
    channel_code: str = ""
    channel: str = ""
    is_confirmed: bool = False
    code_sent_at: dt.datetime | None = None
    problem: str = ""
    secret: str = ""

    @property
    def is_chosen(self) -> bool:
        """Tell whether there is an address."""
        return bool(self.level_code)


def _secret(choice: NoticeChoice) -> str:
    """Return what the receiver of a webhook checks signatures with."""
    if choice.channel != NoticeChannel.WEBHOOK:
        return ""
    return webhook_secret(choice.person_id, choice.address).hex()


def notice_page(person: Caseworker) -> NoticePage:
    """Return what the page about notices shows. One query."""
    fixed = NoticePage(settings.NOTICE_CHANNELS, [f"{hour}:00" for hour in settings.NOTICE_HOURS], settings.NOTICE_ZONE)
    choice = NoticeChoice.objects.filter(person=person).first()
    if choice is None:
        return fixed
    return NoticePage(
        fixed.channels,
        fixed.hours,
        fixed.zone,
        level_code=choice.level,
        level=choice.get_level_display(),
        channel_code=choice.channel,
        channel=choice.get_channel_display(),
        is_confirmed=choice.confirmed_at is not None,
        code_sent_at=choice.code_sent_at,
        problem=choice.get_problem_display(),
        secret=_secret(choice),
    )
