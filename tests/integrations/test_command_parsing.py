"""Which texts are commands, and what their arguments and answers say."""

from datetime import timedelta

import pytest

from apps.chats.foreign.slack_markup import Markup
from apps.core.errors import Invalid
from apps.integrations.commands.parsing import duration, typed_command, usernames
from apps.integrations.commands.registry import Command, register
from apps.integrations.commands.slack_answers import read_reply

JSON = "application/json; charset=utf-8"


def read(body, content_type):
    return read_reply(body, content_type, Markup())


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/me waves", ("me", "waves")),
        ("/SHRUG", ("shrug", "")),
        ("/me   two\nlines  ", ("me", "two\nlines")),
        ("/me\nbelow", ("me", "below")),
        ("/build-2_x now", ("build-2_x", "now")),
        ("/usr/bin/x", None),
        ("/usr/bin/x is a path", None),
        ("//me", None),
        (" /me", None),
        ("/", None),
        ("/ me", None),
        ("/1st", None),
        ("/me! waves", None),
        (f"/{'a' * 33}", None),
        ("text /me", None),
    ],
)
def test_a_command_begins_with_a_slash_and_a_name(text, command):
    assert typed_command(text) == command


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("30", 30), ("30m", 30), ("2 hours", 120), ("1 Std.", 60), ("1d", 1440)),
        *(("2 Tage", 2880), ("", None), ("soon", None), ("3 parsecs", None), ("1e9", None)),
    ],
)
def test_a_duration_has_a_number_and_perhaps_a_unit(text, minutes):
    assert duration(text) == (None if minutes is None else timedelta(minutes=minutes))


def test_names_are_read_with_and_without_signs():
    assert usernames("@ada, grace @j.doe-2;") == ["ada", "grace", "j.doe-2"]
    assert usernames("@ada !") is None
    assert usernames("") == []


@pytest.mark.parametrize("name", ["Me", "a b", "", "me/you", "me"])
def test_a_name_that_is_no_name_or_is_taken_is_not_registered(name):
    with pytest.raises(ValueError, match=r"command"):
        register(Command(name, run=lambda context: None))


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"", JSON, None),
        (b"  \n", "text/plain", None),
        (b"hello", "text/plain", "hello"),
        (b"hello", "", "hello"),
        (b'{"text": "a &lt;b&gt; &amp;amp;"}', JSON, "a <b> &amp;"),
        (b'{"text": "nul \\u0000 half"}', JSON, "nul  half"),
        (b'{"text": ""}', JSON, None),
        (b"{}", JSON, None),
        (
            b'{"blocks": [{"type": "section", "text": {"text": "in a block"}}]}',
            JSON,
            "in a block",
        ),
        (b'{"attachments": [{"fallback": "attached"}]}', JSON, "attached"),
    ],
)
def test_an_answer_has_a_text_or_is_empty(body, content_type, text):
    reply = read(body, content_type)
    assert (reply and reply.content.text) == text


def test_an_answer_says_who_sees_it_and_what_it_replaces():
    reply = read(b'{"text": "x", "response_type": "in_channel"}', JSON)
    assert reply.in_channel
    assert not reply.replaces
    reply = read(b'{"text": "x", "replace_original": "true"}', JSON)
    assert (reply.in_channel, reply.replaces, reply.deletes) == (False, True, False)
    assert read(b'{"delete_original": true}', JSON).deletes


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_refused(body):
    with pytest.raises(Invalid):
        read(body, JSON)
