"""Progress of a long command: one line that moves on a terminal, plain lines in a log."""

from typing import Any


class Progress:
    """Report tables and rows to a command's output."""

    def __init__(self, out: Any) -> None:
        """Keep where to write; whether it is a terminal decides how."""
        self._out, self._moves = out, bool(out.isatty())

    def __call__(self, table: str, done: int, total: int) -> None:
        """Say how far *table* is."""
        if self._moves:
            share = 100 if total == 0 else 100 * done // total
            self._out.write(f"\r{table:<36}{share:>4} %", ending="" if done < total else "\n")
            self._out.flush()
        elif done >= total:
            self._out.write(f"{table} {done} rows")
