"""Excerpts of found messages, without the marks of markup, and with the matches highlighted."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import regex
from msgspec import Struct

from apps.chats.plain_text import PlainText, plain_text
from apps.chats.queries import search
from apps.chats.queries.search import Hit, Matches
from apps.wire import bodies

BEFORE, LENGTH = 60, 240
# Words examined around the first match: enough to fill an excerpt even if they are short.
WORDS_BEFORE, WORDS_AFTER = 60, 180
# Of a longer text, this much around the first match is read as markup. Code that began before it is
# then taken for text.
MARKUP_LENGTH = 2_000
# Approximates the index's idea of words (migration `search`), which folds each of them later.
WORD = regex.compile(
    r"[\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0eff\u1000-\u1049\u1050-\u109d"
    r"\u1780-\u17d3\u17d7\u17dc-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u303c"
    r"\u3041-\u309f\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31ff\u3400-\ua48f\uf900-\ufaff"
    r"\U00020000-\U0003ffff]|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*?(?=[\u0e01-\u0eff\u1000-\u109d"
    r"\u1780-\u17ff\u2e80-\ua48f\uf900-\ufaff\U00020000-\U0003ffff]|[^\p{L}\p{M}\p{N}]|$)"
)
Ends = tuple[int, int]


class _Piece(Struct, frozen=True):
    hit: Hit
    words: list[Ends]


def search_hits(hits: Sequence[Hit], matches: Matches) -> list[bodies.SearchHit]:
    """Hits with their excerpts."""
    pieces = [_Piece(hit, _near(hit, matches)) for hit in hits]
    spelled = {piece.hit.message.text[start:end] for piece in pieces for start, end in piece.words}
    lexemes = search.folded(sorted(spelled)) if spelled else {}
    return [_search_hit(piece, matches, lexemes) for piece in pieces]


def _near(hit: Hit, matches: Matches) -> list[Ends]:
    """The words around the first match."""
    words = [match.span() for match in WORD.finditer(hit.message.text)]
    focus = min(_focus(hit, matches), default=1) - 1
    return words[max(0, focus - WORDS_BEFORE) : focus + WORDS_AFTER]


def _focus(hit: Hit, matches: Matches) -> Iterator[int]:
    """The word numbers at which matches begin."""
    positions = {lexeme: places or [1] for lexeme, places in hit.positions.items()}
    in_phrases = {lexeme for phrase in matches.phrases for lexeme in phrase}
    for lexeme, places in positions.items():
        if lexeme not in in_phrases or lexeme in matches.words:
            yield places[0]
    for first, *others in matches.phrases:
        for place in positions.get(first, ()):
            if all(place + n in positions.get(o, ()) for n, o in enumerate(others, 1)):
                yield place
                break


def _search_hit(piece: _Piece, matches: Matches, lexemes: dict[str, list[str]]) -> bodies.SearchHit:
    hit = piece.hit
    found = _matching(piece, matches, lexemes)
    start, stop = _around(hit.message.text, found[0][0] if found else 0)
    shown = plain_text(hit.message.text[start:stop])
    # Some matches are not shown: in an address that has words, or the language of a program.
    found = _in_shown(found, shown, start)
    # Only a long text is cut, between words.
    words = _in_shown(piece.words, shown, start) if len(shown.text) > LENGTH else []
    first, end = _cut(shown.text, words, found[0][0] if found else 0)
    before = "…" if start or first else ""
    after = "…" if stop < len(hit.message.text) or end < len(shown.text) else ""
    return bodies.SearchHit(
        chat=hit.chat,
        message=hit.message,
        sender=hit.sender,
        excerpt=before + shown.text[first:end] + after,
        highlights=[
            bodies.TextRange(
                start=_utf16(before + shown.text[first:left]),
                end=_utf16(before + shown.text[first:right]),
            )
            for left, right in found
            if left >= first and right <= end
        ],
    )


def _around(text: str, match: int) -> Ends:
    """The part of a text that is read as markup, from the start of a line if possible."""
    if len(text) <= 2 * MARKUP_LENGTH:
        return 0, len(text)
    start = max(0, match - MARKUP_LENGTH)
    if start:
        start = text.find("\n", start, start + MARKUP_LENGTH // 2) + 1 or start
    return start, min(len(text), match + MARKUP_LENGTH)


def _in_shown(ranges: Sequence[Ends], shown: PlainText, start: int) -> list[Ends]:
    """Ranges of the message as ranges of what is shown of it, from `start` on."""
    moved = [tuple(bisect_left(shown.places, place - start) for place in ends) for ends in ranges]
    return [(left, right) for left, right in moved if left < right]


def _matching(piece: _Piece, matches: Matches, lexemes: dict[str, list[str]]) -> list[Ends]:
    """The ranges of the matches, in order."""
    text = piece.hit.message.text
    words = [(lexeme, ends) for ends in piece.words for lexeme in lexemes[text[slice(*ends)]]]
    in_order = [lexeme for lexeme, _ in words]
    in_phrases = {lexeme for phrase in matches.phrases for lexeme in phrase}
    alone = {
        lexeme
        for lexeme in piece.hit.positions
        if lexeme not in in_phrases or lexeme in matches.words
    }
    found = {ends for lexeme, ends in words if lexeme in alone}
    for phrase in matches.phrases:
        for first in range(len(words) - len(phrase) + 1):
            last = first + len(phrase) - 1
            if tuple(in_order[first : last + 1]) == phrase:
                (_, (start, _)), (_, (_, end)) = words[first], words[last]
                found.add((start, end))
    return _joined(sorted(found))


def _joined(ranges: list[Ends]) -> list[Ends]:
    """The ranges with overlapping ones merged."""
    joined: list[Ends] = []
    for start, end in ranges:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, words: list[Ends], match: int) -> Ends:
    """The range of the excerpt: whole words, with the match near its start."""
    if len(text) <= LENGTH:
        return 0, len(text)
    first = 0
    if match > BEFORE:
        first = next((start for start, _ in words if start >= match - BEFORE), match)
    longest = first + LENGTH
    if len(text) <= longest:
        return first, len(text)
    ends = [end for _, end in words if first < end <= longest]
    return first, max(ends, default=longest)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
