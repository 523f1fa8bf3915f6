"""Short texts that others read."""

import pytest

from apps.core.texts import one_line


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
