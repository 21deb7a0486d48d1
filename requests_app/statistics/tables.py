"""What is counted and published: the fixed list of tables and classes, pure. A spec is immutable once a month was drawn with it.

Classes come from this list, never from the data. Epsilon is the privacy cost of one table for one person and month.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType


@dataclass(frozen=True)
class TableSpec:
    """One table: its classes in order, epsilon per entry, how many entries one person may make for life, the rounding base."""

    code: str
    version: int
    classes: tuple[str, ...]
    epsilon: Fraction
    cap: int
    base: int = 5

    @property
    def epsilon_thousandths(self) -> int:
        """Epsilon per entry in thousandths, for the ledger."""
        return int(self.epsilon * 1000)


T0 = TableSpec("T0", 1, ("all",), Fraction(1, 2), 1)
T1 = TableSpec(
    "T1",
    1,
    ("inside_russia", "kazakhstan", "armenia", "other_transit", "asylum_countries", "other_region"),
    Fraction(1),
    1,
)
T2 = TableSpec(
    "T2",
    1,
    ("contract_after_2022", "contract_other", "mobilized", "conscripts", "officers", "other_category"),
    Fraction(1),
    1,
)
T3 = TableSpec(
    "T3",
    1,
    ("left_service", "in_hiding", "crossed_border", "papers_abroad", "asylum_filed", "settled"),
    Fraction(1, 2),
    3,
)
TABLES: tuple[TableSpec, ...] = (T0, T1, T2, T3)
TABLE_BY_CODE: Mapping[str, TableSpec] = MappingProxyType({table.code: table for table in TABLES})
MAX_GROUPS_PER_PERSON = T3.cap
EPSILON_FOR_LIFE = sum((table.epsilon * table.cap for table in TABLES), Fraction(0))

_REGION: Mapping[str, str] = MappingProxyType(
    {"RU": "inside_russia", "KZ": "kazakhstan", "AM": "armenia"}
    | dict.fromkeys(("KG", "BY", "GE", "RS", "MN", "TR", "ME", "UZ", "AZ", "IL"), "other_transit")
    | dict.fromkeys(("DE", "FR", "LT", "LV", "EE", "FI", "NO", "PL", "ES", "US"), "asylum_countries")
)
_CATEGORY: Mapping[str, str] = MappingProxyType(
    {"contract_post": "contract_after_2022", "mobilized": "mobilized", "officer": "officers"}
    | dict.fromkeys(("contract_pre", "contract_unspecified"), "contract_other")
    | dict.fromkeys(("conscript", "forced_contract"), "conscripts")
)
_STAGE: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("hospital_exit", "leave_exit", "unit_exit"), "left_service")
    | {
        "in_hiding": "in_hiding",
        "transit_arrival": "crossed_border",
        "asylum_filing": "asylum_filed",
        "aftercare": "settled",
    }
    | dict.fromkeys(("travel_document", "humanitarian_visa"), "papers_abroad")
)


def region_group(country: str) -> str:
    """Return the class of a country code; what is not listed is ``other_region``."""
    return _REGION.get(country, "other_region")


def category_group(category: str) -> str:
    """Return the class of a category code; what is not listed is ``other_category``."""
    return _CATEGORY.get(category, "other_category")


def stage_group(stage: str) -> str | None:
    """Return the class of a stage, or None when entering it is not counted."""
    return _STAGE.get(stage)
