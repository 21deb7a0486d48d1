"""The page of one case. To add a section: a row in ``sections.SECTIONS``, a fragment, and perhaps rows in ``offers.OFFERS``."""
