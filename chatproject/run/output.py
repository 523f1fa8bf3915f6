"""What the parts say, one prefixed line at a time."""

import os
import sys

WIDTH = 9
MAX_LINE_BYTES = 8192
_COLORS = ("36", "33", "35", "32", "34", "31")


def print_line(text: str) -> None:
    """A line of the supervisor's own."""
    print(text, flush=True)


class PrefixedOutput:
    """Turns one part's stream into prefixed lines."""

    def __init__(self, name: str, *, hidden_lines: tuple[str, ...] = ()) -> None:
        self._hush = hidden_lines
        self._rest = b""
        self._prefix = f"{name:<{WIDTH}}| "
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            color = _COLORS[sum(name.encode()) % len(_COLORS)]
            self._prefix = f"\033[{color}m{self._prefix}\033[0m"

    def feed(self, data: bytes) -> None:
        """Print the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._print(line)

    def end(self) -> None:
        """Print what came without a line end."""
        if self._rest:
            self._print(self._rest)
            self._rest = b""

    def _print(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text and not any(word in text for word in self._hush):
            print_line(self._prefix + text)
