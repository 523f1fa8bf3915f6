"""Compiles search terms to PostgreSQL's tsquery."""

from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct

from apps.chats.queries.search import Matches
from apps.chats.queries.search_language import Term
from apps.core.reads import Rows, rows_of

# Snowball dictionaries that PostgreSQL ships, by language code.
DICTIONARIES = {
    code: f"{name}_stem"
    for code, name in {
        "ar": "arabic",
        "ca": "catalan",
        "da": "danish",
        "de": "german",
        "el": "greek",
        "en": "english",
        "es": "spanish",
        "et": "estonian",
        "eu": "basque",
        "fi": "finnish",
        "fr": "french",
        "ga": "irish",
        "hu": "hungarian",
        "hy": "armenian",
        "id": "indonesian",
        "it": "italian",
        "lt": "lithuanian",
        "nb": "norwegian",
        "nl": "dutch",
        "no": "norwegian",
        "pt": "portuguese",
        "ro": "romanian",
        "ru": "russian",
        "sr": "serbian",
        "sv": "swedish",
        "tr": "turkish",
    }.items()
}
PLAIN = "simple"
# Shorter words have few inflected forms, and too many other words share their prefix.
MIN_WORD_LENGTH, MIN_PREFIX_LENGTH = 4, 3
# phraseto_tsquery reads each text as consecutive words, without operators. Token type 12 is the
# space between words.
COMPILE = """
SELECT phraseto_tsquery('simple', parley_words(t.text))::text,
    ARRAY(SELECT p.token FROM ts_parse('default', parley_words(t.text)) p WHERE p.tokid <> 12),
    (ts_lexize(%(dictionary)s::regdictionary, btrim(parley_words(t.text))))[1]
FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS t (text, n) ORDER BY t.n
"""


class Form(Struct, frozen=True):
    """A word with its inflected forms: the word as a tsquery, the forms' common prefix, and their
    stem."""

    exact: str
    start: str
    stem: str


class CompiledQuery(Struct, frozen=True):
    """`index` are tsqueries that must all match, `forms` are checked after the index, and `ranked`
    is the tsquery for ranking matches."""

    index: list[str]
    forms: list[Form]
    ranked: str
    matches: Matches


def compile_terms(terms: Sequence[Term], language: str) -> CompiledQuery:
    """Compile the terms with a letter or digit, folded in the same way as messages."""
    dictionary = DICTIONARIES.get(language.lower().replace("_", "-").split("-")[0], PLAIN)
    index, ranked, forms = [], [], []
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    for term, (query, lexemes, stem) in zip(terms, _folded(terms, dictionary), strict=True):
        if not lexemes or not query:
            continue
        if term.negated:
            index.append(f"!({query})")
            continue
        ranked_by = query
        if len(lexemes) > 1:
            phrases.append(tuple(lexemes))
        else:
            words.append(lexemes[0])
            if not term.quoted and len(lexemes[0]) >= MIN_PREFIX_LENGTH:
                query = f"{query} | {_beginning_with_file(lexemes[0])}"
            if dictionary != PLAIN and not term.quoted and (start := _start(lexemes[0], stem)):
                forms.append(Form(query, start, stem))
                ranked_by = _beginning(start, stem)
                query = f"{ranked_by} | {_beginning_with_file(lexemes[0])}"
        index.append(f"({query})")
        ranked.append(f"({ranked_by})")
    matches = Matches(
        words=tuple(words),
        phrases=tuple(phrases),
        forms=tuple((form.start, form.stem) for form in forms),
        dictionary=dictionary,
    )
    return CompiledQuery(index, forms, " & ".join(ranked), matches)


def _folded(terms: Sequence[Term], dictionary: str) -> Rows:
    if not terms:
        return []
    return rows_of(COMPILE, {"texts": [term.text for term in terms], "dictionary": dictionary})


def _start(word: str, stem: str | None) -> str:
    """The common prefix of a word and its forms; empty if it is too short to search by. Stems end
    in "i" where words end in "y" ("study", "studies": "studi")."""
    if stem is None or len(word) < MIN_WORD_LENGTH or not word.isalpha():
        return ""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(word, stem, strict=False))
    start = "".join(letter for letter, _ in alike).removesuffix("i")
    return start if len(start) >= MIN_PREFIX_LENGTH else ""


def _beginning(start: str, stem: str) -> str:
    """A tsquery for words with this prefix. If the stem continues with "i", only for words that
    continue with "i" or "y": each other word is a message read for nothing."""
    starts = (f"{start}i", f"{start}y") if stem == f"{start}i" else (start,)
    return " | ".join(f"{_quoted(each)}:*" for each in starts)


def _beginning_with_file(word: str) -> str:
    """A tsquery for words with this prefix in messages with files. Names of files run on into
    numbers ("holiday2"), and few people remember them to the end."""
    return f"{_quoted(word)}:* & '=file'"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
