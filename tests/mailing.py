"""A mail server of the tests: takes everything on the loopback and remembers what it was told."""

import contextlib
import email
import email.policy
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.loopback import served

ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


@dataclass
class MailServer:
    """The port it listens on, every line it was told, and the texts of the messages."""

    port: int = 0
    told: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def converse(self, wire: socket.socket) -> None:
        """Take messages over one connection (RFC 5321)."""
        reader, message, in_text = wire.makefile("rb"), b"", False
        wire.sendall(b"220 ready\r\n")
        while line := reader.readline():
            self.told.append(line.decode().rstrip("\r\n"))
            word = line[:4].upper()
            if in_text and line != b".\r\n":
                message += line
            elif in_text:
                parsed = email.message_from_bytes(message, policy=email.policy.default)
                self.texts.append(str(parsed.get_content()).replace("\r\n", "\n"))
                message, in_text = b"", False
                wire.sendall(b"250 kept\r\n")
            else:
                in_text = word == b"DATA"
                wire.sendall(ANSWERS.get(word, b"250 well\r\n"))

    def wait_for_text(self, number: int = 1, seconds: float = 60) -> str:
        """Return the last text when there are *number* of them."""
        ends = time.monotonic() + seconds
        while len(self.texts) < number:
            assert time.monotonic() < ends, "no mail came"
            time.sleep(0.1)
        return self.texts[-1]


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """Listen until the block ends."""
    server = MailServer()
    with served(server.converse) as server.port:
        yield server
