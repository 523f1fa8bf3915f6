"""Payloads of Slack become messages: their text has everything, their cards are drawn."""

import json

import msgspec
import pytest

from apps.chats import plain_text
from apps.chats.foreign.slack_markup import Markup
from apps.integrations.plain_texts import MAX_MARKED
from apps.integrations.slack import texts
from apps.integrations.slack.content import content_of, payload_of
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.texts import MAX_CHARACTERS
from apps.wire import bodies
from apps.wire.limits import MAX_LAYOUT_BYTES, MAX_TEXT_LENGTH
from tests.integrations.payloads import NAMES, payload


def read(value):
    return content_of(payload_of(json.dumps(value)), Markup())


def parts(content):
    """The kinds of the parts, by card."""
    return [[part.__struct_config__.tag for part in card.parts] for card in content.layout.cards]


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text, **more):
    return {"type": "section", "text": mrkdwn(text), **more}


BARE_ADDRESSES = "**https://a.test/x/**, https://a.test/?q=*:*&z"
BUTTON = {"type": "button", "text": plain("Open"), "url": "https://a.test/x"}
SHAPES = {
    "alertmanager": [["text"], ["text", "text", "fields", "links"]],
    "github": [["header", "text", "fields", "divider", "context", "links"]],
    "gitlab": [["context", "text", "fields", "context"]],
    "gitlab_push": [["text"], ["text"]],
    "grafana": [["text", "text", "image", "context"]],
    "mattermost": [],
    "rich_text": [["text", "image", "text"]],
    "sentry": [["text"], ["text", "text", "context", "links", "context"]],
}


def test_every_recorded_payload_is_expected():
    assert [*SHAPES] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_payload_has_the_cards_of_its_program(name):
    content = read(payload(name))
    assert parts(content) == SHAPES[name]


def test_an_alert_is_read_in_full():
    content = read(payload("alertmanager"))
    layout = content.layout
    assert (layout.name, layout.emoji) == ("Alertmanager", "🔥")
    before, card = layout.cards
    assert (before.color, card.color) == ("", "#a30200")
    title, text, fields, links = card.parts
    assert title.text.startswith(r"**[\[FIRING:2\] DiskWillFill (db prometheus critical)](http://")
    assert text.text.endswith("**Description:** > 92 % used on /var/lib")
    assert [(one.title, one.text, one.short) for one in fields.fields] == [
        ("Severity", "critical", True),
        ("Instance", "db-1:9100", True),
        ("Runbook", "[disk](https://runbooks.example.org/disk?a=1&b=2)", False),
    ]
    assert [(one.text, one.style) for one in links.links] == [
        ("Query 🔍", "primary"),
        ("Silence 🔕", "danger"),
    ]
    assert content.text.splitlines()[0] == "@all two instances need help"
    for said in ("DiskWillFill", "db-1:9100", "[Query 🔍](http://prometheus.example.org"):
        assert said in content.text


def test_blocks_are_shown_in_place_of_the_text():
    content = read(payload("github"))
    assert "GitHub Action build result*: failure" not in content.text
    assert content.text.startswith("**Build of octo/app failed ❌**\n")
    assert "Rerun" not in content.text  # a button without an address
    assert content.layout.cards[0].parts[1].image_url == "https://avatars.githubusercontent.com/u/1"


def test_a_text_needs_no_layout():
    content = read({"text": "*Hello* <https://a.test|there>", "channel": "#x", "parse": "full"})
    assert content.text == "**Hello** [there](https://a.test)"
    assert content.layout is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"text": "a &amp; b"}, "a & b"),
        ({"text": "*a* <https://a.test|b> - c", "mrkdwn": False}, r"\*a\* [b](https://a.test) - c"),
        ({"text": ">quoted\nnot\n&gt;quoted"}, "> quoted\nnot\n> quoted"),
        ({"text": ">>>all\nof it"}, "> all\n> of it"),
        ({"text": "<!here> <@U1> <@U2|bob> <#C1|ops>"}, "@all @U1 @bob #ops"),
        ({"text": "if a < b then <b>"}, "if a < b then <b>"),
        ({"text": "**bold** [a](https://a.test) `c`"}, "**bold** [a](https://a.test) `c`"),
        # https://github.com/RocketChat/Rocket.Chat/issues/15882
        ({"text": "https://a.test/:id:/x :id:"}, "https://a.test/:id:/x 🆔"),
        ({"text": "user:id:42 10:100:20 done:tada:"}, "user:id:42 10:100:20 done🎉"),
        ({"text": "你好:tada:世界", "mrkdwn": False}, "你好🎉世界"),
        ({"text": "*https://a.test/x/*, https://a.test/?q=*:*&amp;z"}, BARE_ADDRESSES),
        # Programs that do not escape: https://github.com/mattermost/mattermost/issues/8392
        ({"text": "`<>|<>|`"}, "`<>|<>|`"),
        *(
            ({"text": text}, text)
            for text in (
                "```\nAuthor: Foo <foo@a.test>\n a.py | 1 +\n```",
                "`vector<std::string>` and vector<std::string>",
                "`<!DOCTYPE html>` and <!DOCTYPE html>",
            )
        ),
        ({"text": "`<https://a.test|a> <@U1> <!here>`"}, "`a @U1 !here`"),
        # Words that could be another address: https://github.com/RocketChat/Rocket.Chat/issues/28251
        ({"text": "<https://a.test/x|README.md>"}, "README.md (https://a.test/x)"),
        ({"text": 5}, "5"),
        ({"text": "a\r\nb\x07\x1b"}, "a\nb"),
        ({"attachments": [{"fallback": "only that"}]}, "only that"),
        ({"attachments": [{"fields": [{"title": "CPU", "value": 97}]}]}, "**CPU:** 97"),
        (
            {"attachments": [{"title": "*x*", "ts": "1733097600"}]},
            "**\\*x\\***\n2024-12-02 00:00 UTC",
        ),
        ({"blocks": [{"type": "section", "text": plain("- *a*")}]}, r"\- \*a\*"),
        ({"blocks": [section("a", accessory=BUTTON)]}, "a\n[Open](https://a.test/x)"),
        ({"text": "kept", "blocks": [{"type": "of_tomorrow"}]}, "kept"),
    ],
)
def test_texts(value, text):
    assert read(value).text == text


def test_line_breaks_may_stand_as_they_are():
    """As scripts write them: https://github.com/mattermost/mattermost/issues/2278."""
    found = content_of(
        payload_of('{"text": "one\ntwo\t3", "attachments": [{"title": "\n x"}]}'), Markup()
    )
    assert found.text == "one\ntwo\t3\n**x**"


@pytest.mark.parametrize(
    ("given", "color"),
    [("good", "#2eb886"), ("#FFF", "#ffffff"), ("36a64f", "#36a64f"), ("red;}", "#a0a0a0")],
)
def test_colors(given, color):
    [card] = read({"attachments": [{"text": "x", "color": given}]}).layout.cards
    assert card.color == color


@pytest.mark.parametrize(
    ("given", "name", "emoji"),
    [
        ({"username": "Ali\u202ece\n:tada:"}, "Alice 🎉", ""),
        ({"username": " \u200b "}, "", ""),
        ({"icon_emoji": "🔥"}, "", "🔥"),
        ({"icon_emoji": ":parrot_dance:"}, "", ""),
        ({"username": "x" * 50_000}, "x" * 300, ""),
    ],
)
def test_names_and_emoji(given, name, emoji, db):
    layout = read({"text": "x", **given}).layout or bodies.Layout()
    assert (layout.name, layout.emoji) == (name, emoji)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test/x",
        "/relative",
        "https://",
        "https://a.test/ b",
        "https://a.test/\u202e",
        f"https://a.test/{'x' * 4000}",
    ],
)
def test_only_addresses_of_the_web_become_links(url):
    attachment = {
        "title": "t",
        "title_link": url,
        "author_name": "a",
        "author_link": url,
        "image_url": url,
        "thumb_url": url,
        "actions": [{"type": "button", "text": "go", "url": url}],
    }
    blocks = [
        section("s", accessory={"type": "image", "image_url": url, "alt_text": "alt"}),
        {"type": "image", "image_url": url, "alt_text": "alt"},
        {"type": "actions", "elements": [{**BUTTON, "url": url}]},
    ]
    content = read({"attachments": [attachment], "blocks": blocks})
    assert parts(content) == [["text"], ["context", "text"]]
    assert "](" not in content.text


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("", "invalid_payload"),
        ("hello", "invalid_payload"),
        ("[]", "invalid_payload"),
        ("[" * 100_000, "invalid_payload"),
        (b"\xff\xfe", "invalid_payload"),
        ("{}", "no_text"),
        ('{"text": "  "}', "no_text"),
        ('{"text": null, "attachments": []}', "no_text"),
        # An event of an outgoing webhook: one that leads to its own group does not answer itself
        # without end, as in https://github.com/matrix-org/matrix-hookshot/issues/966.
        ('{"type": "message.created", "data": {"message": {"text": "x"}}}', "no_text"),
        ('{"blocks": {}}', "invalid_blocks"),
        ('{"blocks": [1]}', "invalid_blocks"),
        ('{"attachments": "x"}', "invalid_payload"),
        ('{"attachments": [{"blocks": [[]]}]}', "invalid_blocks"),
        (json.dumps({"blocks": [section("x")] * 51}), "invalid_blocks"),
        (json.dumps({"attachments": [{"text": "x"}] * 101}), "too_many_attachments"),
    ],
)
def test_what_is_refused(body, word):
    with pytest.raises(SlackError) as refused:
        content_of(payload_of(body), Markup())
    assert refused.value.word == word


@pytest.mark.parametrize(
    "value",
    [
        {"text": "x" * 250_000},
        {"attachments": [{"text": "<https://a.test|b> " * 120, "title": "t"}] * 100},
        {"attachments": [{"fields": [{"title": "\u20ac" * 200, "value": "y"}] * 200}] * 100},
        {"blocks": [section("\U0001f600" * 3000)] * 50},
    ],
)
def test_large_payloads_are_cut(value):
    content = read(value)
    assert 0 < len(content.text) <= min(MAX_TEXT_LENGTH, 4 * MAX_CHARACTERS)
    assert len(msgspec.json.encode(content.layout)) <= MAX_LAYOUT_BYTES


def test_many_short_texts_are_cut_too(monkeypatch):
    """Each link takes time, in which a process does nothing else."""
    read_texts, made = [], texts.texts.link

    def link(words, address):
        read_texts.append(words)
        return made(words, address)

    monkeypatch.setattr(texts.texts, "link", link)
    link_field = {"value": "<http://a.b|one>"}
    content = read({"attachments": [{"fields": [link_field] * 100}] * 50})
    assert len(read_texts) == texts.MAX_TEXTS
    assert content.text.count("[one](http://a.b)") == texts.MAX_TEXTS


def test_a_table_has_a_line_for_each_row():
    def raw(text):
        return {"type": "raw_text", "text": text}

    bold = {"type": "text", "text": "97 %", "style": {"bold": True}}
    section = {"type": "rich_text_section", "elements": [bold]}
    rich = {"type": "rich_text", "elements": [section]}
    rows = [[raw("Host"), raw("CPU")], [raw("*a*"), rich], [raw(""), raw("3")], [raw("")], "x"]
    [card] = read({"blocks": [{"type": "table", "rows": rows}]}).layout.cards
    assert [part.text for part in card.parts] == ["Host | CPU\n\\*a\\* | **97 %**\n | 3"]
    assert read({"blocks": [{"type": "table", "rows": 5}], "text": "shown"}).text == "shown"


def test_deep_rich_text_is_cut():
    deep = {"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}]}
    for _ in range(200):
        deep = {"type": "rich_text_section", "elements": [deep]}
    blocks = [{"type": "rich_text", "elements": [deep]}, section("shown")]
    assert read({"blocks": blocks}).text == "shown"


@pytest.mark.parametrize(
    "value",
    [
        {"blocks": [{"type": "section", "text": plain("~~a" * 12_000)}]},
        {"text": "~~a" * 12_000, "mrkdwn": False},
        {"attachments": [{"title": "*_a" * 90, "footer": "*_a" * 90}] * 60},
        {"attachments": [{"fields": [{"title": "*_a" * 90, "value": "x"}] * 60}]},
        {"blocks": [{"type": "header", "text": plain("*_a" * 90)}] * 50},
    ],
)
def test_marks_are_read_in_a_part_of_the_plain_texts(value, monkeypatch):
    """Reading them takes long, and nothing else happens meanwhile."""
    lengths, plain_lines = [], plain_text.plain_lines
    monkeypatch.setattr(
        plain_text, "plain_lines", lambda line: lengths.append(len(line)) or plain_lines(line)
    )
    assert len(read(value).text) > 10_000
    # Each is read twice, with its escapes, and once more for the text of the cards.
    assert sum(lengths) < 6 * MAX_MARKED
