"""`links`: finding links in a text."""

import json
import re
import sys
from pathlib import Path

import pytest

from apps.chats.addresses import MAX_LENGTH
from apps.chats.links import MAX_LINKS, links

# Also read by tests/client/js/links.test.js: what the server lists is what the browser shows.
CASES = json.loads((Path(__file__).parent / "links.json").read_text())
# Also read by tests/client/js/markup.test.js.
MARKUP = json.loads((Path(__file__).parent / "markup.json").read_text())


@pytest.mark.parametrize(("text", "found"), CASES)
def test_links_are_found_as_people_see_them(text, found):
    assert links(text, limit=50) == found


@pytest.mark.parametrize(("text", "shown"), MARKUP)
def test_the_server_finds_the_links_that_the_browser_shows(text, shown):
    found = re.findall(r"<a (?!mailto:)([^>]*)>", shown)
    assert links(text, limit=50) == [*dict.fromkeys(found)]


def test_an_address_that_is_too_long_is_no_link():
    """Its beginning would lead elsewhere."""
    longest = "https://example.org/".ljust(MAX_LENGTH, "a")
    assert links(f"{longest}a {longest} https://example.org/b") == [
        longest,
        "https://example.org/b",
    ]


def test_only_the_first_links_are_returned():
    text = " ".join(f"https://{number}.example.org" for number in range(10))
    assert links(text) == text.split()[:MAX_LINKS]


HOSTILE = [
    "https://a" + ")" * 50, "https://a)", "`", "```\n", "` `` ", "https://a.,", "https://[ ",
    "http://", "www.", "www.a.b ", "@bob ", "@a.b.c ", "@", "a@", "a@b.", "a.", "[", "[a](",
    "[a](https://b", "[a](https://b/(", "[\\*", "\\", "> ", "> a\n", ">\n", "- ", "- a\n", "- a\n ",
    " - a\n", "1. ", "\n", "- a\n\n", " ", "~~~\n> - ", "```a\nb```\n", "~~~~a\nb~~~\n", "*", "_a ",
    "C:\\", " C:\\_", "_https://a.b_ ",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_text_takes_steps_that_grow_with_its_length(part):
    steps = [calls(lambda n=n: links((part * n)[:n], limit=10**6)) for n in (10_000, 50_000)]
    assert steps[1] <= min(5.5 * steps[0] + 100, 40 * 50_000)


def calls(work):
    """How many functions of Python and of C are called."""
    calls = 0

    def count(_frame, event, _of):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
