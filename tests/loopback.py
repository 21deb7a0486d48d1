"""Servers of the tests on the loopback: one connection after another, until the block ends."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def served(converse: Callable[[socket.socket], None]) -> Iterator[int]:
    """Yield the port at which *converse* answers; what breaks off on the wire ends that conversation only."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                wire, _peer = listener.accept()
            except OSError:
                return
            with wire, contextlib.suppress(OSError):
                converse(wire)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
