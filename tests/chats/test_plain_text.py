"""`plain_text`: the words of a message without marks."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from apps.chats import emphasis
from apps.chats.plain_text import escaped, plain_lines, plain_text
from tests.chats.test_links import HOSTILE, calls

# Also read by tests/client/js/markup.test.js: pushes and excerpts have the words of the chat list.
CASES = json.loads((Path(__file__).parent / "plain.json").read_text())
# Openers and closers, deeper than markup goes; read there too.
NESTED = json.loads((Path(__file__).parent / "nested.json").read_text())


@pytest.mark.parametrize(("text", "plain"), CASES)
def test_marks_are_left_out(text, plain):
    assert plain_text(text).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a *b* _c_ ~~d~~ `e`",
        "snake_case and _it_",
        "2 * 3",
        "[x](https://a.test)",
        "- item\n> quote\n* item",
        "```\ncode\n```",
        r"C:\_temp\*.log",
        r"\*x*",
    ],
)
def test_an_escaped_text_shows_what_it_was(text):
    assert plain_lines(escaped(text)) == text


@pytest.mark.parametrize("text", [text for text, _ in CASES])
def test_each_character_has_its_place_in_the_message(text):
    plain = plain_text(text)
    assert len(plain.places) == len(plain.text)
    assert list(plain.places) == sorted(plain.places)
    inserted = {" ", "•", "."} | set("0123456789")
    for letter, place in zip(plain.text, plain.places, strict=True):
        assert letter in inserted or text[place] == letter


@pytest.mark.parametrize(
    "part", [*HOSTILE, "*a **b ", "b* b** ", "*a **a *a **a *a b* b** ", "~~a ", "*._"]
)
def test_a_hostile_text_takes_steps_that_grow_with_its_length(part):
    steps = [calls(lambda n=n: plain_text((part * n)[:n])) for n in (4_000, 20_000)]
    assert steps[1] <= min(5.5 * steps[0] + 200, 60 * 20_000)


@pytest.mark.parametrize(("opening", "closing"), NESTED)
def test_a_deeply_nested_text_takes_steps_that_grow_with_its_length(opening, closing):
    texts = [opening * (n // len(opening)) + closing * (n // len(closing)) for n in (400, 4_000)]
    steps = [scanned(text) for text in texts]
    assert steps[1] <= 11 * steps[0] + 200


def scanned(text):
    """How many parts are read in search of the greatest depth."""
    steps = 0

    def counting(parts, **given):
        nonlocal steps
        parts = list(parts)
        steps += len(parts)
        return max(parts, **given)

    with patch.object(emphasis, "max", counting, create=True):
        plain_text(text)
    return steps
