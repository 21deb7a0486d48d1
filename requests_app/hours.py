"""Hours of the day in which somebody may be reached, in their own zone. Pure; zones are offsets, as the intake form offers them."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from requests_app.enums import HoursBand

OFFSETS: Mapping[str, int] = MappingProxyType(
    {"Etc/UTC": 0} | {f"Etc/GMT{-hours:+d}": hours for hours in range(-12, 13) if hours}
)
"""Hours ahead of UTC by zone name; the sign of ``Etc/GMT`` names is reversed (POSIX)."""

BAND_HOURS = (HoursBand.NIGHT, HoursBand.MORNING, HoursBand.DAY, HoursBand.EVENING)


def zones_by_band(now: dt.datetime) -> dict[HoursBand, list[str]]:
    """Return for each band of hours the zones whose clocks are in it at *now*; six hours each from midnight."""
    hour = now.astimezone(dt.UTC).hour
    bands: dict[HoursBand, list[str]] = {band: [] for band in BAND_HOURS}
    for zone, ahead in OFFSETS.items():
        bands[BAND_HOURS[(hour + ahead) % 24 // 6]].append(zone)
    return bands
