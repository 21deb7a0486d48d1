"""The zones of what cases are connected with; see ``zones``. Kinds and codenames of what the work leans on are clear, its names are sealed."""

from collections.abc import Mapping

from requests_app.zone_codes import Zone

CONNECTION_ZONES: Mapping[str, Mapping[Zone, tuple[str, ...]]] = {
    "Asset": {
        Zone.OPERATIONS: (
            "id",
            "kind",
            "codename",
            "circle",
            "record",
            "added_by",
            "added_on",
            "burned_on",
            "burned_as",
            "burned_by",
            "retired_on",
        ),
    },
    "AssetUse": {
        Zone.CODED: ("case", "asset", "since_on"),
        Zone.OPERATIONS: ("id",),
    },
    "Consent": {
        Zone.CODED: (
            "case",
            "help_request",
            "scope",
            "partner",
            "decision",
            "way",
            "given_on",
            "until",
            "withdrawn_on",
            "replaced_on",
        ),
        Zone.OPERATIONS: ("id", "wording", "recorded_by"),
    },
    "PartnerKey": {
        Zone.OPERATIONS: ("id", "partner", "suite", "public_key", "proof", "added_by", "added_on", "retired_on"),
    },
    "PersonLink": {
        Zone.CODED: ("low", "high", "kind", "linked_on"),
        Zone.OPERATIONS: ("id", "linked_by"),
    },
    "Referral": {
        Zone.CODED: (
            "case",
            "partner",
            "consent",
            "service",
            "parts",
            "state",
            "made_on",
            "ask_on",
            "answered_on",
        ),
        Zone.OPERATIONS: ("id", "made_by", "packet_code"),
    },
}
