"""A message as one line of plain text, without the marks of light markup: for pushes and excerpts.

`parseLine` of `static/chats/markup/parse.js` shows the same words; tests/chats/plain.json and
markup.json hold both to them.
"""

import re
from collections.abc import Generator, Iterator, Sequence

from msgspec import Struct

from apps.chats import markup
from apps.chats.emphasis import Emphasis, Piece, marks_at

WHITE = re.compile(f"[{markup.SPACE}]+")
MARKS = re.compile(r"[`*_~\[\\>]|^ {0,3}(?:-|[0-9]+\.) ", re.MULTILINE)
ESCAPED_START = re.compile(r"( {0,3}|(?: {0,3}[0-9]{1,9}))\\(?=[-*>](?: |>|\Z)|\. )")
# Not an underscore inside a word, which is no mark.
ESCAPABLE = re.compile(r"[`*\[\]]|~~|(?<![^\W_])_|_(?![^\W_])")
LINE_START = re.compile(r"\A( {0,3}(?:[0-9]{1,9}(?=\. ))?)(?=[->.](?: |>|\Z))")
ONE_BLANK = re.compile(r" .*[^ ].* ", re.DOTALL)
BULLET = "• "


class PlainText(Struct, frozen=True):
    """`places` has the place of each character in the message, in ascending order."""

    text: str
    places: Sequence[int]


class _Line(Struct, frozen=True):
    """A line and its place in the message."""

    text: str
    at: int

    def without(self, width: int) -> "_Line":
        """The line without its first characters."""
        return _Line(self.text[width:], self.at + width)


def plain_text(text: str) -> PlainText:
    """The words of a message as the chat list shows them, on one line."""
    as_it_is: list[Piece] = [(text, range(len(text)))]
    return _joined(_shown(text) if MARKS.search(text) else iter([as_it_is]))


def plain_lines(text: str) -> str:
    """The same words on the lines that they have in the message."""
    if not MARKS.search(text):
        return text
    return "\n".join("".join(piece for piece, _ in pieces) for pieces in _shown(text))


def escaped(text: str) -> str:
    """Light markup that shows a text as it is. A line that markup cannot show so stays unescaped.
    Addresses are links, and names mentions."""
    return "\n".join(map(_escaped_line, text.split("\n"))) if MARKS.search(text) else text


def _escaped_line(line: str) -> str:
    if plain_lines(line) == line and not markup.FENCE.match(line):
        return line
    escaped = LINE_START.sub(r"\1\\", ESCAPABLE.sub(r"\\\g<0>", line), count=1)
    return escaped if plain_lines(escaped) == line else line


def _shown(text: str) -> Iterator[list[Piece]]:
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append(_Line(line, at))
        at += len(line) + 1
    return _Blocks(lines, 0).shown()


def _joined(lines: Iterator[list[Piece]]) -> PlainText:
    """The lines with one blank between words."""
    texts: list[str] = []
    places: list[int] = []
    blank = False
    for pieces in lines:
        blank = bool(texts)
        for text, own in pieces:
            start = 0
            for white in [*WHITE.finditer(text), None]:
                end = white.start() if white else len(text)
                if end > start:
                    if blank:
                        texts.append(" ")
                        places.append(max(places[-1], own[start] - 1))
                    texts.append(text[start:end])
                    places += own[start:end]
                    blank = False
                if white:
                    blank, start = bool(texts), white.end()
    return PlainText("".join(texts), places)


class _Blocks:
    """The blocks of a message, or in a quote or list."""

    def __init__(self, lines: list[_Line], depth: int) -> None:
        self.lines = lines
        self.texts = [line.text for line in lines]
        self.depth = depth
        self._closings: dict[str, list[int]] = {}
        # Whether the line before is text.
        self._is_text = False

    def shown(self) -> Iterator[list[Piece]]:
        """The lines to show."""
        at = 0
        while at < len(self.lines):
            line = self.texts[at]
            if not markup.BLOCK.match(line):
                yield _inline(self.lines[at])
                at, self._is_text = at + 1, markup.has_text(line)
            elif fence := markup.fence_at(self.texts, at, self._closings):
                end, has_code = fence
                yield from self._code(at, end) if has_code else map(_inline, self.lines[at:end])
                at, self._is_text = end, not has_code
            elif self.depth < markup.MAX_NESTING and markup.QUOTED.match(line):
                at = yield from self._quote(at)
            elif self.depth < markup.MAX_NESTING and (
                item := markup.item_at(line, is_text=self._is_text)
            ):
                at = yield from self._list(at, is_numbered=item[2] is not None)
            else:
                yield _inline(self.lines[at])
                at, self._is_text = at + 1, True

    def _code(self, at: int, end: int) -> Iterator[list[Piece]]:
        """The lines of a fenced block, without its marks and language."""
        opened = markup.FENCE.match(self.texts[at])
        if not opened:
            return
        mark = opened[1][0]
        is_closed = self._closings[mark][at + 1] >= len(opened[1])
        info = opened[2].strip(markup.JS_SPACE)
        if info and not (is_closed and markup.LANGUAGE.fullmatch(info)):
            yield [_whole(self.lines[at].without(opened.end() - len(opened[2])))]
        last = end - 1 if is_closed else end
        for line in self.lines[at + 1 : last]:
            text = line.text
            if not is_closed and line is self.lines[end - 1]:
                # Marks after a word close it.
                text = re.sub(
                    f"(?<![{markup.SPACE}{mark}]){mark}{{{len(opened[1])},}}[ \t]*\\Z", "", text
                )
            yield [_whole(_Line(text, line.at))]

    def _quote(self, at: int) -> Generator[list[Piece], None, int]:
        end = markup.end_of_quote(self.texts, at)
        inside = [
            line.without(len(line.text) - len(markup.QUOTED.sub("", line.text, count=1)))
            for line in self.lines[at:end]
        ]
        if not any(markup.has_text(line.text) for line in inside):
            self._is_text = True
            yield from map(_inline, self.lines[at:end])
        else:
            self._is_text = False
            yield from _Blocks(inside, self.depth + 1).shown()
        return end

    def _list(self, at: int, *, is_numbered: bool) -> Generator[list[Piece], None, int]:
        """A list: each item after its bullet or number."""
        typed, number = "", 0
        is_first = True
        while at < len(self.lines) and (item := markup.item_at(self.texts[at], is_text=False)):
            if (item[2] is not None) != is_numbered:
                break
            line = self.lines[at]
            # “1. 1. 1.” counts; other numbers stay as they were typed.
            number = (
                number + 1 if item[2] and not is_first and item[2] == typed else int(item[2] or 0)
            )
            mark = f"{number}. " if is_numbered else BULLET
            typed, is_first = item[2] or "", False
            texts, end = markup.item_lines(self.texts, at, item)
            inside = [
                _Line(text, own.at + len(own.text) - len(text))
                for text, own in zip(texts, self.lines[at:end], strict=True)
            ]
            shown = _Blocks(inside, self.depth + 1).shown()
            first = next(shown, [])
            yield [(mark, [line.at] * len(mark)), *first]
            yield from shown
            at = end
        self._is_text = False
        return at


def _whole(line: _Line) -> Piece:
    return line.text, range(line.at, line.at + len(line.text))


def _inline(line: _Line) -> list[Piece]:
    escaped = ESCAPED_START.match(line.text)
    if not escaped:
        return _PlainLine(line).pieces()
    start = _Line(escaped[1], line.at)
    return [_whole(start), *_PlainLine(line.without(escaped.end())).pieces()]


class _PlainLine(markup.Line):
    """A line of text: leaves out marks that are not shown."""

    def __init__(self, line: _Line, *, in_link: bool = False) -> None:
        super().__init__(line.text)
        self.at = line.at
        self.in_link = in_link
        self._emphasis = Emphasis()
        # Where the text begins that is not yet part of a piece.
        self._plain = 0

    def pieces(self) -> list[Piece]:
        """What is shown, in order."""
        self.parts()
        self._flush(len(self.text), len(self.text))
        return self._emphasis.pieces()

    def _take(self, found: str, at: int) -> int:
        end = at + len(found)
        if found[0] in "*_~":
            if self._may_open(at, end):
                self._open_marks.add(found[0])
            if marks := marks_at(self.text, at, end):
                self._flush(at, end)
                self._emphasis.add_marks(marks, self._places(at, end))
            return end
        if found[0] == "\\" and not markup.IS_FILE_PATH.match(found):
            return self._take_escaped(found, at)
        return super()._take(found, at)

    def _take_escaped(self, found: str, at: int) -> int:
        end = at + len(found)
        if found[1] in "*_~":
            last = end
            while self.text[last : last + 1] == found[1]:
                last += 1
            marks = marks_at(self.text, at + 1, last, at)
            if not marks or not (marks.opens or marks.closes):
                # There is nothing to escape: the backslash stays.
                if last > end and self._may_open(end, last):
                    self._open_marks.add(found[1])
                return last
        self._flush(at, end)
        self._emphasis.add_text(found[1], self._places(at + 1, at + 2))
        return end

    def _take_code(self, mark: str, at: int) -> int:
        start = at + len(mark)
        end = super()._take_code(mark, at)
        if end == start:
            return end
        close = end - len(mark)
        # As in CommonMark: one blank on either side lets the code begin or end with a backtick.
        if ONE_BLANK.fullmatch(self.text, start, close):
            start, close = start + 1, close - 1
        self._flush(at, end)
        self._emphasis.add([(self.text[start:close], self._places(start, close))])
        return end

    def _take_words_link(self, at: int) -> int | None:
        words = markup.WORDS_LINK.match(self.text, at)
        found = None if self.in_link else super()._take_words_link(at)
        if words is None or found is None:
            return None
        inside = _Line(words[1], self.at + words.start(1))
        self._flush(at, found)
        self._emphasis.add(_PlainLine(inside, in_link=True).pieces())
        return found

    def _take_name(self, at: int) -> int:
        return at + 1 if self.in_link else super()._take_name(at)

    def _flush(self, at: int, end: int) -> None:
        """Add the plain text before a part, which ends at `end`."""
        self._emphasis.add_text(self.text[self._plain : at], self._places(self._plain, at))
        self._plain = end

    def _places(self, first: int, end: int) -> range:
        return range(self.at + first, self.at + end)
