"""`links`: finding links in a text."""

import json
from pathlib import Path

import pytest

from apps.chats.links import MAX_LENGTH, MAX_LINKS, links

# Also read by tests/client/js/links.test.js: what the server lists is what the browser shows.
CASES = json.loads((Path(__file__).parent / "links.json").read_text())


@pytest.mark.parametrize(("text", "found"), CASES)
def test_links_are_found_as_people_see_them(text, found):
    assert links(text, limit=50) == found


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


@pytest.mark.parametrize(
    "part", ["https://a" + ")" * 50, "https://a)", "`", "```", "` `` ", "https://a.,", "https://[ "]
)
def test_a_hostile_text_is_parsed_in_linear_time(part):
    text = (part * 100_000)[:99_999]
    assert all(len(link) < 2100 for link in links(text))
