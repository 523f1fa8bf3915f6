"""Short texts that others read."""

import pytest

from apps.core.texts import MAX_LINE, nfc, one_line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Bob ", "Bob"),
        ("e\u0301", "é"),
        ("日本 🦔", "日本 🦔"),
        ("", ""),
        ("a\u200db", "a\u200db"),
    ],
)
def test_what_people_write_is_kept_in_one_form(text, kept):
    assert one_line(text) == kept


@pytest.mark.parametrize(
    "letter", ["\x00", "\n", "\x1b", "\x7f", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_what_would_break_a_line_or_turn_it_is_refused(letter):
    with pytest.raises(ValueError, match="cannot be seen"):
        one_line(f"a{letter}b")


def test_a_text_far_too_long_is_refused_before_it_is_cleaned():
    assert one_line("x" * MAX_LINE)
    with pytest.raises(ValueError, match="at most 1000 characters"):
        one_line("x" * (MAX_LINE + 1))


def test_a_long_run_of_combining_characters_is_cut_not_sorted():
    """Sorting these 200,000 takes minutes."""
    assert len(nfc("a" + "\u0301\u0316" * 100_000 + "b")) == 31
    assert nfc("e\u0301" * 100) == "é" * 100
    assert nfc("🦔" * 30) == "🦔" * 30
