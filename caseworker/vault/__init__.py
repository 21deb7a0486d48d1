"""Cryptography of the casework ("CW1"), free of Django: formats, sealing, wrapping, words, padding, records, key ring, recovery.

``docs/encryption.md`` states the hierarchy and the byte formats. Nothing in this package reads a setting, a database or a clock, and
no exception it raises carries a value.
"""
