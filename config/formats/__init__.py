"""Formats of the languages that pages are shown in."""
