"""Parsing of search queries."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chats.queries import search_language
from apps.chats.queries.search_language import MAX_LENGTH, Query, Term, moment
from apps.core.errors import Invalid

# Also read by tests/client/js/search-language.test.js: the browser refuses what the server would.
QUERIES = json.loads((Path(__file__).parent / "queries.json").read_text())
WEDNESDAY = date(2026, 12, 2)


def parse(text):
    return search_language.parse(text, WEDNESDAY)


def terms(text):
    return parse(text).terms


def test_words_phrases_and_negated_terms_are_parsed():
    assert terms('red "blue sky" -green -"dark night"') == (
        Term("red"),
        Term("blue sky", quoted=True),
        Term("green", negated=True),
        Term("dark night", quoted=True, negated=True),
    )


def test_filters_are_separated_from_words():
    query = parse('from:bob hello FROM:"Dana Ärmel" in:"Design team" in:ops has:link has:CODE')
    assert query == Query(
        terms=(Term("hello"),),
        senders=("bob", "Dana Ärmel"),
        chats=("Design team", "ops"),
        has=frozenset({"link", "code"}),
    )


@pytest.mark.parametrize("text", ["http://a.example/b", "weird:thing", "12:30"])
def test_anything_that_is_not_a_filter_is_a_word(text):
    [term] = terms(text)
    assert term.text == text
    assert not term.negated


@pytest.mark.parametrize(("text", "plain"), [("from:", "from:"), ('in:""', "in:")])
def test_a_filter_without_a_value_is_a_word(text, plain):
    assert [term.text for term in terms(text)] == [plain]


def test_a_dash_inside_a_word_or_alone_does_not_negate():
    assert [(t.text, t.negated) for t in terms("well-known - x")] == [
        ("well-known", False),
        ("-", False),
        ("x", False),
    ]


def test_an_unclosed_quotation_mark_extends_to_the_end():
    assert terms('"to be or') == (Term("to be or", quoted=True),)
    assert terms("“to be”") == (Term("to be", quoted=True),)


def test_an_unknown_kind_of_content_is_refused_with_those_that_exist():
    with pytest.raises(Invalid, match="document") as refused:
        parse("report has:pdf")
    assert refused.value.pointer == "#/q"
    assert terms("-has:pdf")[0].negated


@pytest.mark.parametrize(("text", "days"), [(text, days) for text, *days in QUERIES])
def test_days_are_read_by_date_and_by_name(text, days):
    if days == ["error"]:
        with pytest.raises(Invalid) as refused:
            parse(text)
        assert refused.value.pointer == "#/q"
        assert text.partition(":")[2].strip() in refused.value.reason
        return
    query = parse(text)
    assert [query.since, query.until] == [day and date.fromisoformat(day) for day in days]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("from: bob hello", Query(senders=("bob",), terms=(Term("hello"),))),
        ('in:  "Design team"', Query(chats=("Design team",))),
        ("has: link", Query(has=frozenset({"link"}))),
        ("she has: nothing", Query(terms=(Term("she"), Term("has:"), Term("nothing")))),
        ("from: in:ops", Query(terms=(Term("from:"),), chats=("ops",))),
        ('"letters from: bob"', Query(terms=(Term("letters from: bob", quoted=True),))),
    ],
)
def test_a_blank_may_follow_the_colon_of_a_filter(text, query):
    assert parse(text) == query


def test_a_word_that_begins_with_two_dashes_is_searched_for():
    assert terms("--no-verify -x ---") == (
        Term("--no-verify"),
        Term("x", negated=True),
        Term("---"),
    )


@pytest.mark.parametrize("text", ["", "a", "  a  ", "a" * (MAX_LENGTH + 1), "a\x00b", "\ud800ab"])
def test_too_short_too_long_and_unstorable_queries_are_refused(text):
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.pointer == "#/q"


def test_too_many_words_are_refused():
    assert len(terms("ab " * 30)) == 30
    with pytest.raises(Invalid):
        parse("ab " * 31)


def test_a_day_begins_in_the_persons_time_zone():
    assert moment(date(2026, 7, 1), ZoneInfo("Asia/Tokyo")) == datetime(2026, 6, 30, 15, tzinfo=UTC)
    assert moment(date(2026, 7, 1), UTC) == datetime(2026, 7, 1, tzinfo=UTC)
    assert moment(None, UTC) is None


@given(st.text(max_size=MAX_LENGTH))
def test_any_text_is_parsed_or_refused(text):
    try:
        query = parse(text)
    except Invalid:
        return
    assert all(term.text.strip() == term.text != "" for term in query.terms)


letters = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)


@given(st.lists(st.tuples(letters, st.booleans(), st.booleans()), min_size=2, max_size=8))
def test_formatted_terms_are_parsed_back(parts):
    text = " ".join(
        ("-" if negated else "") + (f'"{word} {word}"' if quoted else word)
        for word, quoted, negated in parts
    )
    assert terms(text) == tuple(
        Term(f"{word} {word}" if quoted else word, quoted, negated)
        for word, quoted, negated in parts
    )


days = st.dates(date(1970, 1, 2), date(9998, 12, 30))


@given(days)
def test_before_on_and_after_divide_time_without_gap_or_overlap(day):
    before, on, after = (parse(f"{key}:{day}") for key in ("before", "on", "after"))
    assert before.until == on.since
    assert on.until == after.since == day + timedelta(days=1)
