"""Finds the links and mentions of a message text: those that the browser shows.

`static/chats/markup/` has the same rules (decision 0075), and tests/chats/links.json, mentions.json
and markup.json hold both to them. Bold and italic are the browser's alone: they change neither an
address nor a name.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import regex

from apps.chats import addresses

# The white space of JavaScript.
JS_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
MARKS = r"`*_~\[\]@"
ESCAPED = rf"\\{MARKS}"
# No address contains quotes or full-width punctuation unencoded; where no spaces are written, they
# end it.
ENDS = rf'{SPACE}<>"`“”„«»。、，；：？！（）「」『』【】《》〈〉'  # noqa: RUF001  as they are written
ADDRESS = rf"(?:(?!\]\()[^{ENDS}])"
MAIL = r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}"
# As in `C:\_temp\*.log`, where backslashes and marks are characters.
FILE_PATH = rf"(?<![^{SPACE}\"'(])(?:[a-z]:\\|\\\\[a-z0-9])(?:[^{ENDS}]*[^{ENDS}*_~])?"
# Not Unicode's cases, by which U+017F would be an `s`.
ANY_CASE = re.IGNORECASE | re.ASCII
IS_FILE_PATH = re.compile(r"[a-z]:\\|\\\\[a-z0-9]", ANY_CASE)
# Where something begins that may be more than its characters.
START = re.compile(
    "|".join([
        r"¯\\_\(ツ\)_/¯",
        FILE_PATH,
        rf"\\(?:\\(?=[{ESCAPED}])|[{MARKS}])",
        "`+",
        r"\*+|~+",
        rf"https?://(?![/?#]){ADDRESS}+",
        rf"www\.{ADDRESS}+",
        rf"(?<![a-z0-9.%+/@-]){MAIL}",
        "_+",
        r"[\[@]",
    ]),
    ANY_CASE,
)  # fmt: skip
WORDS_LINK = re.compile(
    rf"\[((?:\\[{ESCAPED}]|\\(?![{ESCAPED}])|[^\[\]\\]){{1,500}})\]"
    rf"\(((?:https?://(?![/?#])|www\.)(?:[^(){ENDS}]|\([^(){ENDS}]*\)){{1,2048}})\)",
    ANY_CASE,
)
NAME = re.compile(r"@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)", ANY_CASE)
SHORTER = re.compile(r"[.-]+[^.-]*$")
BACKTICKS = re.compile("`+")
# A letter of a word in a script that is written with spaces: no name or address begins after it.
WORD = regex.compile(
    r"[[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}"
    r"\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ーｰ]]",
    regex.V1,
)
# A path as in `example.org/@name`.
PATH = regex.compile(rf"[\p{{L}}\p{{N}}]\.[\p{{L}}\p{{N}}][^{SPACE}@]*/$")
MAX_PATH_LENGTH = 64

# A line that may begin another block than text.
BLOCK = re.compile(r" {0,3}[`~>*0-9-]")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)", re.DOTALL)
LANGUAGE = re.compile(r"[\w+#.-]{0,20}", re.ASCII)
QUOTED = re.compile(r" {0,3}>(?= |>|\Z) ?")
# A date (`24. 12. 2026`), a year or `007. Bond` is no item.
ITEM = re.compile(rf"( {{0,3}})(?:[-*]|([1-9][0-9]{{0,2}})\.(?! +[0-9]+\.))( +)(?=[^{SPACE}])")
CLOSING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*")
ONLY_MARKS = re.compile(rf"[-*{SPACE}]*")
BLANK = re.compile(rf"[{SPACE}]*")
MAX_NESTING = 4


class Link(NamedTuple):
    """A web address that a text leads to."""

    address: str


class Mention(NamedTuple):
    """An `@name`: whom it may mention, the longest name first (`@bob.Then`)."""

    names: tuple[str, ...]


def parts(text: str) -> Iterator[Link | Mention]:
    """The links and mentions of a text, in their order."""
    for line in _lines(text.split("\n"), 0):
        if START.search(line):
            yield from Line(line).parts()


def _lines(lines: list[str], depth: int) -> Iterator[str]:
    """The lines of text, without those of code, and without the marks of quotes and lists."""
    at = 0
    is_text = False  # whether the line before is text
    closings: dict[str, list[int]] = {}
    while at < len(lines):
        line = lines[at]
        if not BLOCK.match(line):
            yield line
            at, is_text = at + 1, has_text(line)
        elif fence := fence_at(lines, at, closings):
            end, has_code = fence
            if not has_code:
                yield from lines[at:end]  # its marks are text
            at, is_text = end, not has_code
        elif depth < MAX_NESTING and QUOTED.match(line):
            end = end_of_quote(lines, at)
            inside = [QUOTED.sub("", each, count=1) for each in lines[at:end]]
            yield from _lines(inside, depth + 1)
            at, is_text = end, not any(map(has_text, inside))
        elif depth < MAX_NESTING and (item := item_at(line, is_text=is_text)):
            inside, at = item_lines(lines, at, item)
            yield from _lines(inside, depth + 1)
            is_text = False
        else:
            yield line
            at, is_text = at + 1, True


def fence_at(lines: list[str], at: int, closings: dict[str, list[int]]) -> tuple[int, bool] | None:
    """Where a fenced block that starts here ends, and whether it contains code.

    A line of as many marks closes it; without one, marks after a word do, or the end.
    """
    opened = FENCE.match(lines[at])
    if not opened:
        return None
    marks, info = opened[1], opened[2].strip(JS_SPACE)
    if "`" in info if marks[0] == "`" else not LANGUAGE.fullmatch(info):
        return None
    if not closings:
        closings |= _longest_closings(lines)
    mark = f"{marks[0]}{{{len(marks)},}}[ \t]*\\Z"
    is_closed = closings[marks[0]][at + 1] >= len(marks)
    closing = re.compile(rf"\A {{0,3}}{mark}" if is_closed else rf"[^{SPACE}{marks[0]}]{mark}")
    end = at + 1
    while end < len(lines) and not closing.search(lines[end]):
        end += 1
    has_code = end > at + 1 or (end < len(lines) and not is_closed)
    return min(end + 1, len(lines)), has_code


def _longest_closings(lines: list[str]) -> dict[str, list[int]]:
    """The longest line of marks that could close a fence, from each line on."""
    longest = {mark: [0] * (len(lines) + 1) for mark in "`~"}
    for at in range(len(lines) - 1, -1, -1):
        found = CLOSING.fullmatch(lines[at])
        for mark, lengths in longest.items():
            length = len(found[1]) if found and found[1][0] == mark else 0
            lengths[at] = max(lengths[at + 1], length)
    return longest


def end_of_quote(lines: list[str], at: int) -> int:
    while at < len(lines) and QUOTED.match(lines[at]):
        at += 1
    return at


def item_at(line: str, *, is_text: bool) -> re.Match[str] | None:
    """The mark of an item of a list. A sentence that goes on with a number is no list."""
    found = ITEM.match(line)
    if not found or ONLY_MARKS.fullmatch(line, found.end()):
        return None
    return None if is_text and found[2] and int(found[2]) != 1 else found


def item_lines(lines: list[str], at: int, item: re.Match[str]) -> tuple[list[str], int]:
    """The lines of an item: its own, and those below that are indented. And where it ends."""
    width, indent = item.end(), len(item[1])
    inside = [lines[at][width:]]
    end = at + 1
    for following in range(at + 1, len(lines)):
        line = lines[following]
        if not has_text(line):
            continue  # a blank line belongs to it if it goes on
        if _indent(line) < indent + 2:
            break
        inside += [""] * (following - end)
        inside.append(line[1:] if line[0] == "\t" else line[min(width, _indent(line)) :])
        end = following + 1
    return inside, end


def has_text(line: str) -> bool:
    return not BLANK.fullmatch(line)


def _indent(line: str) -> int:
    return 4 if line[:1] == "\t" else len(line) - len(line.lstrip(" "))


class Line:
    """One line of text. Each method that takes something returns where to go on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Link | Mention] = []
        self._code_ends: dict[int, int] | None = None
        # The marks so far that an address may stand in: `*see https://a.test*`.
        self._open_marks: set[str] = set()

    def parts(self) -> list[Link | Mention]:
        """The links and mentions of the line."""
        start = START.search(self.text)
        while start:
            end = self._take(start[0], start.start())
            start = START.search(self.text, max(end, start.start() + 1))  # go on in any case
        return self.found

    def _take(self, found: str, at: int) -> int:
        end = at + len(found)
        if found == "@":
            return self._take_name(at)
        if found == "[":
            return self._take_words_link(at) or end
        if found[0] == "`":
            return self._take_code(found, at)
        if found[0] in "*_~":
            if self._may_open(at, end):
                self._open_marks.add(found[0])
            return end
        if found[0] in "\\¯" or found[1] == ":":
            return end
        return self._take_address(found, at)

    def _take_code(self, mark: str, at: int) -> int:
        if self._code_ends is None:
            self._code_ends = _code_ends(self.text)
        close = self._code_ends.get(at)
        return at + len(mark) if close is None else close + len(mark)

    def _take_words_link(self, at: int) -> int | None:
        found = WORDS_LINK.match(self.text, at)
        target = found and addresses.target_of(found[2])
        if not found or not target:
            return None
        words = found[1]
        if not has_text(words) or addresses.misleads(words, target):
            return None
        self.found.append(Link(target))
        return found.end()

    def _take_address(self, found: str, at: int) -> int:
        end, before = at + len(found), self.text[at - 1 : at]
        if found[0] not in "hHwW" or not re.match(r"https?://|www\.", found, ANY_CASE):
            return end if self._is_mail(at, end) else at + found.index("@")
        inside = r"[a-z0-9/.@=&-]" if found[0] in "wW" else "[a-z0-9]"
        if re.match(inside, before, ANY_CASE):
            return at + 4
        if len(found) > addresses.MAX_LENGTH:
            return end
        address = addresses.without_punctuation(found, self._open_marks)
        target = addresses.target_of(address)
        if target is None:
            return end
        self.found.append(Link(target))
        return at + len(address)

    def _may_open(self, at: int, end: int) -> bool:
        """Whether marks may open something: not in a word, nor before a space."""
        return not WORD.match(self.text[at - 1 : at]) and has_text(self.text[end : end + 1])

    def _is_mail(self, at: int, end: int) -> bool:
        """Whether a mail address is not the part of a longer word."""
        return (
            not WORD.match(self.text[at - 1 : at])
            and not re.match(r"\.?[a-z0-9@-]", self.text[end : end + 2], ANY_CASE)
            and not WORD.match(self.text[end : end + 1])
            and re.search(r"\.[a-z]{2,}$", self.text[at:end], ANY_CASE) is not None
        )

    def _take_name(self, at: int) -> int:
        """The longest possible name after an `@`: not after a letter of a word, nor in a path."""
        before = self.text[at - 1 : at]
        if before == "@" or WORD.match(before):
            return at + 1
        if before == "/" and PATH.search(self.text[max(0, at - MAX_PATH_LENGTH) : at]):
            return at + 1
        name = NAME.match(self.text, at)
        after = self.text[name.end() : name.end() + 3] if name else ""
        if not name or after[:1] == "@" or after == "://" or WORD.match(after):
            return at + 1
        names = [name[1].lower()]
        while shorter := SHORTER.search(names[-1]):
            names.append(names[-1][: shorter.start()])
        self.found.append(Mention(tuple(names)))
        return at + 1  # no link begins in a name


def _code_ends(text: str) -> dict[int, int]:
    """The start of the closing run of backticks, by that of its opening run."""
    ends: dict[int, int] = {}
    following: dict[int, int] = {}
    for run in reversed([*BACKTICKS.finditer(text)]):
        length = run.end() - run.start()
        if length in following:
            ends[run.start()] = following[length]
        following[length] = run.start()
    return ends
