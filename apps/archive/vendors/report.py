"""What a conversion kept, changed and lost."""

from collections.abc import Mapping
from typing import Literal

import msgspec

MAX_EXAMPLES = 3
MAX_EXAMPLE_LENGTH = 160
# Different lines of one kind; what comes after is counted in a line of its own.
MAX_LINES = 500
OTHERS = "others"
Fate = Literal["kept", "changed", "lost"]


class Line(msgspec.Struct):
    """`how`: what became of it, or why it is lost."""

    count: int = 0
    examples: list[str] = msgspec.field(default_factory=list)


class Report:
    """Counts by what it is and what became of it, with the first examples of each.

    `custom_emoji`: those of the installation that decide what is lost, by their names and aliases.
    """

    def __init__(self, custom_emoji: Mapping[str, str] | None = None) -> None:
        self.custom_emoji = custom_emoji or {}
        self.lines: dict[tuple[Fate, str, str], Line] = {}

    def kept(self, what: str, count: int = 1) -> None:
        """Count what is in the archive as it was."""
        self._add("kept", what, "", count, "")

    def changed(self, what: str, how: str, example: str = "", count: int = 1) -> None:
        """Count what is in the archive in another form."""
        self._add("changed", what, how, count, example)

    def lost(self, what: str, why: str, example: str = "", count: int = 1) -> None:
        """Count what is not in the archive."""
        self._add("lost", what, why, count, example)

    def counts(self, fate: Fate) -> dict[tuple[str, str], int]:
        """The numbers of one fate, by what and how."""
        return {
            (what, how): line.count for (of, what, how), line in self.lines.items() if of == fate
        }

    def as_json(self) -> list[dict[str, object]]:
        """The lines as objects, in the order of the table."""
        return [
            {"fate": fate, "what": what, "how": how, **msgspec.to_builtins(line)}
            for (fate, what, how), line in self._sorted()
        ]

    def as_table(self) -> str:
        """The lines as a text for a terminal."""
        shown: list[str] = []
        for fate in ("kept", "changed", "lost"):
            lines = [(key, line) for key, line in self._sorted() if key[0] == fate]
            shown.append(f"{fate.upper()}{'' if lines else ': nothing'}")
            for (_, what, how), line in lines:
                shown.append(f"  {line.count:>9,}  {what}{': ' if how else ''}{how}")
                shown += [f"{'':13}e.g. {example}" for example in line.examples]
        return "\n".join(shown)

    def _sorted(self) -> list[tuple[tuple[Fate, str, str], Line]]:
        order = {"kept": 0, "changed": 1, "lost": 2}
        return sorted(self.lines.items(), key=lambda pair: (order[pair[0][0]], *pair[0][1:]))

    def _add(self, fate: Fate, what: str, how: str, count: int, example: str) -> None:
        key = (fate, what, how)
        if key not in self.lines and len(self.lines) >= MAX_LINES:
            key = (fate, what, OTHERS)
        line = self.lines.setdefault(key, Line())
        line.count += count
        if example and len(line.examples) < MAX_EXAMPLES:
            line.examples.append(_shown(example))


def _shown(example: str) -> str:
    """An example in one line that a terminal shows as it is."""
    one_line = " ".join(example[: 2 * MAX_EXAMPLE_LENGTH].split())
    cut = one_line[:MAX_EXAMPLE_LENGTH] + ("…" if len(one_line) > MAX_EXAMPLE_LENGTH else "")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in cut)
