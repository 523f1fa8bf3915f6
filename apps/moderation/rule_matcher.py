"""Which rules a text matches. The time depends on the length of the text alone, not on the number
of rules: no regular expression is made of them.

Words are compared whole, without regard to case, compatible forms of letters (Unicode NFKC) and
characters that nobody sees. What stands between two words does not matter.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from apps.chats.addresses import host_of
from apps.chats.links import links

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
WORD = re.compile(r"\w+")
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")
MAX_LINKS = 10_000


class Rule(NamedTuple):
    """What `Matcher` needs of a rule."""

    id: int
    kind: str
    pattern: str
    effect: str


def fold_words(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return WORD.findall(INVISIBLE.sub("", folded))


def fold_domain(host: str) -> str:
    """The domain as it is compared: lower case, in ASCII (IDNA), without a dot at the end. Empty
    for a text that is none."""
    try:
        ascii_host = host.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return ascii_host if DOMAIN.fullmatch(ascii_host) else ""


class _Node:
    """What follows the words up to here, and the rule whose words these are."""

    __slots__ = ("following", "rule")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.rule: Rule | None = None


class Matcher:
    """Finds the rules that a text matches."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._first = _Node()
        self._domains: dict[str, Rule] = {}
        for rule in rules:
            if rule.kind == "domain":
                self._domains[rule.pattern] = rule
                continue
            node = self._first
            for word in rule.pattern.split(" "):
                node = node.following.setdefault(word, _Node())
            node.rule = rule

    def find(self, text: str) -> list[Rule]:
        """The rules that the text matches, each once."""
        found = {rule.id: rule for rule in self._find_words(text)}
        found |= {rule.id: rule for rule in self._find_domains(text)}
        return list(found.values())

    def _find_words(self, text: str) -> Iterator[Rule]:
        if not self._first.following:
            return
        words = fold_words(text)
        for at in range(len(words)):
            node, end = self._first.following.get(words[at]), at + 1
            while node is not None:
                if node.rule:
                    yield node.rule
                node = node.following.get(words[end]) if end < len(words) else None
                end += 1

    def _find_domains(self, text: str) -> Iterator[Rule]:
        if not self._domains:
            return
        for link in links(text, limit=MAX_LINKS):
            labels = fold_domain(host_of(link)).split(".")
            for at in range(len(labels)):
                if rule := self._domains.get(".".join(labels[at:])):
                    yield rule
