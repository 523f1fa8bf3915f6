"""Output of the supervisor and its services, one line at a time."""

import os
import sys

PREFIX_WIDTH = 9
MAX_LINE_BYTES = 8192
_COLORS = ("36", "33", "35", "32", "34", "31")


def print_line(text: str) -> None:
    """Print a line of the supervisor's own."""
    print(text, flush=True)


class PrefixedOutput:
    """Prints the lines of one service's output with the service's name before each."""

    def __init__(self, name: str, *, hidden_lines: tuple[str, ...] = ()) -> None:
        """`hidden_lines`: lines that contain one of these texts are not printed."""
        self._hidden_lines = hidden_lines
        # The last one that was printed.
        self.last_line = ""
        self._incomplete = b""
        self._prefix = f"{name:<{PREFIX_WIDTH}}| "
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            color = _COLORS[sum(name.encode()) % len(_COLORS)]
            self._prefix = f"\033[{color}m{self._prefix}\033[0m"

    def feed(self, data: bytes) -> None:
        """Print the lines that `data` completes."""
        *lines, self._incomplete = (self._incomplete + data).split(b"\n")
        if len(self._incomplete) > MAX_LINE_BYTES:
            lines.append(self._incomplete)
            self._incomplete = b""
        for line in lines:
            self._print(line)

    def end(self) -> None:
        """Print the last line if it has no line end."""
        if self._incomplete:
            self._print(self._incomplete)
            self._incomplete = b""

    def _print(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text and not any(hidden in text for hidden in self._hidden_lines):
            self.last_line = text
            print_line(self._prefix + text)
