"""Send one text to one address, by the channel that was chosen."""

from caseworker.enums import NoticeChannel, NoticeProblem
from caseworker.models.notices import NoticeChoice
from caseworker.notices.addresses import open_address, webhook_secret
from caseworker.notices.mail import send_mail
from caseworker.notices.problems import NoticeFailed
from caseworker.notices.webhook import post
from caseworker.vault.errors import VaultError


def send(choice: NoticeChoice, text: str) -> None:
    """Send *text*; raises ``NoticeFailed`` when it did not arrive."""
    try:
        address = open_address(choice.address, choice.person_id)
    except VaultError:
        raise NoticeFailed(NoticeProblem.UNREADABLE) from None
    if choice.channel == NoticeChannel.WEBHOOK:
        post(address, text, secret=webhook_secret(choice.person_id, choice.address))
    else:
        send_mail(address, text)
