"""Strips comments and spacing from scripts and shortens private names.

A third of the browser code is types and comments for developers. They are removed when static
files are collected (decisions 0012 and 0029); in development, files are served as they are.
`make check` parses every script before and after, and fails if its syntax tree has changed.
"""

import re
from collections.abc import Iterator
from itertools import count, product
from string import ascii_letters

_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<space>\s+)
    |(?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |(?P<word>[\w$#@]+)
    |(?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_TEMPLATE = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
# After one of these a slash begins a regular expression; after anything else it divides.
_OPERATORS = frozenset("(,=:[!&|?{};+-*%~^<>")
# Signs that change their meaning when they are joined (`+ +`, `- -`, `/ /`).
_SIGNS = frozenset("+-/")
# A line break after one of _OPENING or before one of _CLOSING never ends a statement.
_OPENING = frozenset("{([,;=&|?:.<>*%")
_CLOSING = frozenset("})],;=&|?:.<>*%")
# HTML collapses runs of blanks. Elements with `white-space: pre` have none in their templates.
_INDENT = re.compile(r"\s*\n\s*")
# A comma before one of _CLOSERS is redundant, except after one of _HOLES: there it makes a hole in
# an array.
_CLOSERS = frozenset("})]")
_HOLES = frozenset("[,")
_WORD = re.compile(r"[\w$#@]")
# Short names of constants begin with a dollar, so they need sources without such names.
_DOLLAR_NAME = re.compile(r"\$[A-Za-z]")
# A constant that is not exported.
_CONSTANT = re.compile(r"^ *const ([A-Z][A-Z0-9_]{2,}) =", re.M)
_WORDS = frozenset(
    ("return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await", "yield")
)


def served_script(name: str, source: str) -> str:
    """A script as it is served. Vendored scripts with a licence comment are left unchanged."""
    licensed = name.startswith("vendor/") and "@license" in source
    return source if licensed else minify(source)


def minify(source: str) -> str:
    """The same program without comments and redundant spacing.

    String literals, templates and regular expressions are kept, except for the indentation in HTML
    templates. Line breaks are kept where one can end a statement. Private names are shortened:
    they are invisible outside their class, and so outside their file. So are the names of constants
    in capitals that are not exported.
    """
    scanner = _Scanner(source)
    scanner.code(closing="")
    return "".join(scanner.parts).strip()


def _short_names(sign: str) -> Iterator[str]:
    return (sign + "".join(one) for n in count(1) for one in product(ascii_letters, repeat=n))


def _constants(source: str) -> list[str]:
    """Constants that can get short names: those that cannot be names of properties as well."""
    if _DOLLAR_NAME.search(source):
        return []
    return [
        name
        for name in _CONSTANT.findall(source)
        if not re.search(rf"\.{name}\b|(?:(?<!\$){{|,)\s*{name}\s*[,}}:]", source)
    ]


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.parts: list[str] = []
        self.gap = ""
        self.last = ""
        self.private: dict[str, str] = {}
        self.short = _short_names("#")
        self.constants = dict(zip(_constants(source), _short_names("$"), strict=False))

    def code(self, closing: str) -> None:
        """Process the source to its end, or through the brace that closes a template's value."""
        depth = 0
        while self.at < len(self.source):
            found = self._next(_TOKEN)
            kind, part = str(found.lastgroup), found[0]
            if kind in ("comment", "space"):
                self._space(found.end(), broken="\n" in part)
                continue
            depth += {"{": 1, "}": -1}.get(part, 0)
            if closing and depth < 0:
                self.at = found.end()
                self._emit(part)
                return
            if part == "`":
                self._template()
            elif part == "/" and self._begins_pattern():
                pattern = self._next(_PATTERN)
                self.at = pattern.end()
                self._emit(pattern[0])
            else:
                self.at = found.end()
                self._emit(self._private(part) if part[0] == "#" else part)

    def _private(self, name: str) -> str:
        if name not in self.private:
            self.private[name] = next(self.short)
        return self.private[name]

    def _next(self, kind: re.Pattern[str]) -> re.Match[str]:
        found = kind.match(self.source, self.at)
        if not found:
            raise ValueError(f"cannot parse: {self.source[self.at : self.at + 60]!r}")
        return found

    def _space(self, end: int, *, broken: bool) -> None:
        self.at = end
        self.gap = "\n" if broken or self.gap == "\n" else " "

    def _emit(self, part: str) -> None:
        if not self._needs_gap(part):
            self.gap = ""
        if self.last == "," and part in _CLOSERS and self.parts[-3] not in _HOLES:
            self.parts.pop()
        self.parts += [self.gap, self.constants.get(part, part)]
        self.gap = ""
        self.last = part

    def _needs_gap(self, part: str) -> bool:
        """Whether joining this part to the previous one would change the program."""
        if self.gap == "\n":
            return self.last not in _OPENING and part not in _CLOSING
        if self.last in _SIGNS or part in _SIGNS:
            return self.last in _SIGNS and part in _SIGNS
        return bool(_WORD.match(self.last[-1:]) and _WORD.match(part))

    def _begins_pattern(self) -> bool:
        return not self.last or self.last in _OPERATORS or self.last in _WORDS

    def _template(self) -> None:
        is_html = self.last == "html"
        self._emit("`")
        self.at += 1
        while True:
            words = self._next(_TEMPLATE)
            self.parts.append(_INDENT.sub("\n", words[0]) if is_html else words[0])
            self.at = words.end()
            if self.source[self.at] == "`":
                break
            self.parts.append("${")
            self.at += 2
            self.last = "{"
            self.code(closing="}")
        self.parts.append("`")
        self.at += 1
        self.last = "`"
