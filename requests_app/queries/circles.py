"""How far a rotation is: records still under an old version of a circle's key."""

import uuid
from dataclasses import dataclass

from django.db.models import Count

from caseworker.queries_keys import CircleLine
from requests_app.models.sealed import RecordKey


@dataclass(frozen=True)
class RotationLine:
    """Progress of all retiring versions of one circle together; ``total`` is at least 1, so that a bar can be drawn."""

    versions: int
    moved: int
    left: int

    @property
    def total(self) -> int:
        """Return what is moved and what is left."""
        return max(self.moved + self.left, 1)


def rotations(circles: list[CircleLine]) -> dict[uuid.UUID, RotationLine]:
    """Return the progress of each circle that has a retiring version. One query."""
    retiring = {line.id: [one for one in line.versions if not one.is_active] for line in circles}
    wanted = [version.id for versions in retiring.values() for version in versions]
    counted = RecordKey.objects.filter(circle_key_id__in=wanted).values("circle_key_id").annotate(left=Count("id"))
    left = {row["circle_key_id"]: row["left"] for row in counted}
    return {
        circle_id: RotationLine(
            len(versions), sum(one.moved for one in versions), sum(left.get(one.id, 0) for one in versions)
        )
        for circle_id, versions in retiring.items()
        if versions
    }
