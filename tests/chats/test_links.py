"""`links`: finding links in a text."""

import pytest

from apps.chats.links import MAX_LINKS, links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no link", []),
        ("see https://example.org.", ["https://example.org"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("[x](https://example.org/a)", ["https://example.org/a"]),
        ("**https://example.org/a**", ["https://example.org/a"]),
        ("<https://example.org/?a=b&c=d#e>", ["https://example.org/?a=b&c=d#e"]),
        ("https://a.org https://a.org https://b.org", ["https://a.org", "https://b.org"]),
        ("`https://a.org` and\n```\nhttps://b.org\n```\nhttps://c.org", ["https://c.org"]),
        ("```\nhttps://never.closed", []),
        ("https:// http://... ftp://a.org javascript://a", []),
        ("https://bücher.example/ä", ["https://bücher.example/ä"]),
    ],
)
def test_links_are_found_as_people_see_them(text, found):
    assert links(text) == found


def test_only_the_first_links_are_returned():
    text = " ".join(f"https://{number}.example.org" for number in range(10))
    assert links(text) == text.split()[:MAX_LINKS]


@pytest.mark.parametrize("part", ["https://a" + ")" * 50, "https://a)", "`", "```", "https://a.,"])
def test_a_hostile_text_is_parsed_in_linear_time(part):
    text = (part * 100_000)[:99_999]
    assert all(len(link) < 2100 for link in links(text))
