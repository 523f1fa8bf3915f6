"""Texts cut between graphemes, and the one form of an emoji."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from apps.core.emoji import fully_qualified, is_single_emoji
from apps.core.graphemes import cut

HERE = Path(__file__).parent
# Also read by tests/client/js/graphemes.test.js.
CUTS = json.loads((HERE / "graphemes.json").read_text())
EMOJI = json.loads((HERE / "emoji.json").read_text())


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS)
def test_no_grapheme_is_cut(text, limit, expected):
    assert cut(text, limit) == expected
    assert cut(text[: limit + 1], limit) == expected


@pytest.mark.parametrize(("text", "expected"), EMOJI)
def test_all_spellings_of_an_emoji_are_one(text, expected):
    assert fully_qualified(text) == expected
    assert fully_qualified(expected) == expected
    assert is_single_emoji(expected)


def test_the_picker_offers_emoji_in_that_form():
    folder = Path(settings.BASE_DIR) / "static/vendor/emojibase"
    groups = json.loads((folder / "emoji.json").read_text()).values()
    offered = [one[0] for group in groups for one in group]
    assert len(offered) > 1_800
    assert list(json.loads((folder / "de.json").read_text())) == offered, "all have German names"
    assert [one for one in offered if fully_qualified(one) != one or not is_single_emoji(one)] == []


def test_the_quick_reactions_are_in_that_form():
    script = (Path(settings.BASE_DIR) / "static/chats/reactions-view.js").read_text()
    line = next(line for line in script.splitlines() if "QUICK_REACTIONS =" in line)
    quick = json.loads(line.partition("= ")[2].rstrip(";").replace("'", '"'))
    assert len(quick) == 6
    assert [fully_qualified(one) for one in quick] == quick
