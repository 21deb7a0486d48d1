"""Backups: which table goes where, rows as bytes that both databases understand, files, and the databases they come from and go to."""
