"""The opened key ring: one person's seed and the circle seeds opened with it, for the length of one request.

It is handed on as an argument, never kept on a thread, a model or a module. It cannot be pickled, copied or shown.
"""

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from caseworker.vault.errors import RingForgotten
from caseworker.vault.formats import ctx
from caseworker.vault.sealing import PrivateHalf, Suite, check_key_matches, expand, known_suite, open_sealed


@dataclass(frozen=True)
class CircleSeed:
    """An opened circle key."""

    key_id: UUID
    seed: bytes
    half: PrivateHalf | None = None

    def __repr__(self) -> str:
        """Show nothing."""
        return "<CircleSeed>"


class KeyRing:
    """A person's opened staff key and what it opens in turn."""

    __slots__ = ("_circles", "_seed", "_staff_key_id", "_suite")

    def __init__(self, staff_key_id: UUID, suite: int, seed: bytes) -> None:
        """Copy *seed* into a buffer that :meth:`forget` can overwrite."""
        self._staff_key_id = staff_key_id
        self._suite = known_suite(suite)
        self._seed = bytearray(seed)
        self._circles: dict[UUID, CircleSeed] = {}

    @property
    def staff_key_id(self) -> UUID:
        """The id of the staff key this ring was opened with."""
        return self._staff_key_id

    @property
    def suite(self) -> Suite:
        """The suite of the staff key."""
        return self._suite

    @property
    def key_id(self) -> UUID:
        """The same id, as a recipient of records sealed to the person alone."""
        return self._staff_key_id

    @property
    def half(self) -> None:
        """No expanded key is kept for the person's own seed: it is used once a request."""
        return

    @property
    def seed(self) -> bytes:
        """The staff seed; raises ``RingForgotten`` after :meth:`forget`."""
        if not self._seed:
            raise RingForgotten
        return bytes(self._seed)

    def open_circle(self, circle_key_id: UUID, version: int, grant: bytes, suite: int, public_key: bytes) -> CircleSeed:
        """Open the circle seed in *grant* and refuse it unless it belongs to the stored *public_key*.

        Raises ``OpenFailed`` when the grant was made for another key, circle or version, ``KeySubstituted`` when the circle's
        stored public key was exchanged, ``RingForgotten`` when this ring is locked.
        """
        staff_seed = self.seed
        if circle_key_id not in self._circles:
            info = ctx("circle-seed", circle_key_id, version, self._staff_key_id)
            seed = open_sealed(grant, seed=staff_seed, info=info)
            check_key_matches(suite, seed, public_key)
            self._circles[circle_key_id] = CircleSeed(circle_key_id, seed, expand(suite, seed))
        return self._circles[circle_key_id]

    def forget(self) -> None:
        """Overwrite the seed and drop the circles; the ring opens nothing any more."""
        for index in range(len(self._seed)):
            self._seed[index] = 0
        self._seed.clear()
        self._circles.clear()

    def __repr__(self) -> str:
        """Show nothing."""
        return "<KeyRing>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("a key ring does not leave its request")
