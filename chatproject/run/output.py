"""What the parts say, one prefixed line at a time."""

import os
import sys

WIDTH = 9
LONGEST_LINE = 8192
_COLOURS = ("36", "33", "35", "32", "34", "31")


def say(text: str) -> None:
    """A line of the supervisor's own."""
    print(text, flush=True)


class Lines:
    """Turns one part's stream into prefixed lines."""

    def __init__(self, name: str, *, hush: tuple[str, ...] = ()) -> None:
        self._hush = hush
        self._rest = b""
        self._prefix = f"{name:<{WIDTH}}| "
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            colour = _COLOURS[sum(name.encode()) % len(_COLOURS)]
            self._prefix = f"\033[{colour}m{self._prefix}\033[0m"

    def feed(self, data: bytes) -> None:
        """Print the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
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
            say(self._prefix + text)
