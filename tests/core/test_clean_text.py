"""`clean_line`."""

import json
from pathlib import Path
from time import thread_time

import pytest

from apps.core.clean_text import MAX_LINE_LENGTH, clean_line, is_blank

# Also read by tests/client/js/blank.test.js.
BLANK = json.loads((Path(__file__).parent / "blank.json").read_text())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Bob ", "Bob"),
        ("e\u0301", "é"),
        ("日本 🦔", "日本 🦔"),
        ("", ""),
        ("a\u200db", "a\u200db"),
        ("★" * 40, "★" * 40),
        ("🎉" * 31 + " party", "🎉" * 31 + " party"),
    ],
)
def test_text_is_trimmed_and_normalized_to_nfc(text, kept):
    assert clean_line(text) == kept


@pytest.mark.parametrize(("text", "expected"), BLANK)
def test_invisible_characters_alone_are_no_text(text, expected):
    assert is_blank(text) is expected


@pytest.mark.parametrize("text", ["\u200b", "\u2800 \u3164", "\ufeff\u2060\u00ad"])
def test_a_line_of_invisible_characters_is_empty(text):
    assert clean_line(text) == ""


@pytest.mark.parametrize(
    "letter", ["\x00", "\n", "\x1b", "\x7f", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_control_characters_line_breaks_and_direction_overrides_are_refused(letter):
    with pytest.raises(ValueError, match="cannot be seen"):
        clean_line(f"a{letter}b")


def test_a_text_that_is_too_long_is_refused_before_cleaning():
    assert clean_line("x" * MAX_LINE_LENGTH)
    with pytest.raises(ValueError, match="at most 1000 characters"):
        clean_line("x" * (MAX_LINE_LENGTH + 1))


def test_the_longest_line_of_combining_characters_is_cleaned_quickly():
    """Normalization sorts them in more than linear time; the length limit keeps that short."""
    began = thread_time()
    clean_line("a" + "\u0301\u0316" * (MAX_LINE_LENGTH // 2 - 1))
    assert thread_time() - began < 0.05
