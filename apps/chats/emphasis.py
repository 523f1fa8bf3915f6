"""Pairs the marks of bold, italic and struck-out text in one line: `**`, `*`, `_` and `~~`.

Has the rules of `static/chats/markup/emphasis.js`, to know which marks are not shown.
"""

from collections.abc import Sequence
from typing import Literal

import regex
from msgspec import Struct

Kind = Literal["space", "mark", "unspaced", "word", "sign"]
# A part of a line, and the places of its characters in the message.
Piece = tuple[str, Sequence[int]]

OPENING_SIGNS = "([{\"'“‘„‚«‹¿¡`@#$€£\\<「『（《〈【"  # noqa: RUF001  as they are written
OPENING_BRACKETS, CLOSING_BRACKETS = "([{<（「『", ")]}>）」』"  # noqa: RUF001
CLOSING_SIGNS = ")]}\"'”’“‘»›`.,:;!?%…>」』）》〉】。、，！？：；"  # noqa: RUF001
CONTENT = regex.compile(r"[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]")
SPACE = regex.compile(r"[\s\ufeff--\x1c-\x1f\x85]", regex.V1)
UNSPACED = regex.compile(
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}"
    r"\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ーｰ]"
)
WORD = regex.compile(r"[\p{L}\p{N}\p{M}]")
MAX_NESTING = 4
# A longer row of marks is a picture.
MAX_MARKS = 8
# How many marks a run may have.
COUNTS = {"*": (1, 2, 3), "_": (1,), "~": (2,)}
# The counts of openers that a closing run may end, by its own count.
MATCHES = ((), (1, 3), (2, 3), (1, 2, 3))


class Marks(Struct):
    """A run of equal marks."""

    text: str
    opens: bool
    closes: bool


class _Opener(Struct):
    """`at` is its place among the nodes, `content` how much content stands before it."""

    at: int
    mark: str
    count: int
    content: int


class _Node(Struct):
    pieces: list[Piece]
    depth: int = 0


def kind_of(character: str) -> Kind:
    """What stands next to a mark. Empty: the text begins or ends there."""
    if not character or SPACE.match(character):
        return "space"
    if character in "*_~":
        return "mark"
    if UNSPACED.match(character):
        return "unspaced"
    return "word" if WORD.match(character) else "sign"


def marks_at(text: str, first: int, end: int, before: int | None = None) -> Marks | None:
    """A run of marks; None if it can only be characters. `before`: where what stands before it
    ends, if there is a backslash between."""
    run = text[first:end]
    if len(run) not in COUNTS[run[0]]:
        return None
    start = first if before is None else before
    # The marks next to it decide nothing: `*_*` stands between spaces, `**_a_**` does not.
    while start > 0 and text[start - 1] in "*_~" and end - start < MAX_MARKS:
        start -= 1
    while end < len(text) and text[end] in "*_~" and end - start < 2 * MAX_MARKS:
        end += 1
    left, right = text[start - 1 : start], text[end : end + 1]
    return Marks(run, _can_open(run, left, right), _can_close(run, left, right))


def _can_open(run: str, before: str, after: str) -> bool:
    left, right = kind_of(before), kind_of(after)
    if right in ("space", "mark") or left == "word" or after in CLOSING_BRACKETS:
        return False
    if left == "unspaced":
        return run[0] == "*"
    return left != "sign" or right != "sign" or after in OPENING_SIGNS


def _can_close(run: str, before: str, after: str) -> bool:
    left, right = kind_of(before), kind_of(after)
    if left in ("space", "mark") or before in OPENING_BRACKETS:
        return False
    if right == "unspaced":
        return run[0] == "*"
    if right == "word":
        return len(run) > 1
    return right != "sign" or left != "sign" or before in CLOSING_SIGNS


class Emphasis:
    """Collects the pieces of a line without the marks that have a partner."""

    def __init__(self) -> None:
        self._nodes: list[_Node] = []
        # By mark and count: the last one of each is found at once.
        self._openers: dict[tuple[str, int], list[_Opener]] = {}
        self._content = 0

    def add_text(self, text: str, places: Sequence[int]) -> None:
        """Text without marks."""
        if text:
            self._content += CONTENT.search(text) is not None
            self._nodes.append(_Node([(text, places)]))

    def add(self, pieces: list[Piece]) -> None:
        """A part that contains no marks of this line."""
        self._content += 1
        self._nodes.append(_Node(pieces))

    def add_marks(self, marks: Marks, places: Sequence[int]) -> None:
        """A run of marks. Those that close something are taken from its beginning."""
        left = len(marks.text)
        while marks.closes and left:
            used = self._close(marks.text[0], left)
            if not used:
                break
            left -= used
        if not left:
            return
        self._nodes.append(_Node([(marks.text[:left], places[:left])]))
        if marks.opens and left in COUNTS[marks.text[0]]:
            self._open(marks.text[0], left, len(self._nodes) - 1, self._content)

    def pieces(self) -> list[Piece]:
        """All pieces, in order."""
        return [piece for node in self._nodes for piece in node.pieces]

    def _open(self, mark: str, count: int, at: int, content: int) -> None:
        opener = _Opener(at, mark, count, content)
        self._openers.setdefault((mark, count), []).append(opener)

    def _close(self, mark: str, count: int) -> int:
        """Close the nearest opener. Returns how many of the marks were used."""
        openers = [found[-1] for n in MATCHES[count] if (found := self._openers.get((mark, n)))]
        if not openers:
            return 0
        opener = max(openers, key=lambda one: one.at)
        if opener.content == self._content:
            return 0
        inner = self._nodes[opener.at + 1 :]
        depth = 1 + max((node.depth for node in inner), default=0)
        # Too deep for this opener is too deep for all before it: none of them reads these again.
        self._forget_openers(0 if depth > MAX_NESTING else opener.at)
        if depth > MAX_NESTING:
            return 0
        used = (2 if count == 2 else 1) if opener.count == 3 else opener.count
        left = opener.count - used
        [(text, places)] = self._nodes[opener.at].pieces
        del self._nodes[opener.at :]
        if left:
            self._nodes.append(_Node([(text[:left], places[:left])]))
            self._open(mark, left, opener.at, opener.content)
        self._nodes.append(_Node([piece for node in inner for piece in node.pieces], depth))
        return used

    def _forget_openers(self, at: int) -> None:
        """Those from a place on have no partner."""
        for openers in self._openers.values():
            while openers and openers[-1].at >= at:
                openers.pop()
