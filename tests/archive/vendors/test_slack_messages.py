"""What messages of a Slack export become."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.archive.vendors.conftest import FIRST, Reading
from tests.archive.vendors.reading import converted
from tests.archive.vendors.slack_export import ALICE, BOB, CAROL, channel, export, message


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("*bold* _it_ ~struck~", "**bold** _it_ ~~struck~~"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("&amp;lt;", "&lt;"),
        ("<https://a.test/x>", "https://a.test/x"),
        ("<https://a.test/x|a.test/x>", "https://a.test/x"),
        ("<https://a.test/?a=1&amp;b=2|Page>", "[Page](https://a.test/?a=1&b=2)"),
        ("<https://evil.test|https://bank.test>", "https://bank.test (https://evil.test)"),
        ("<https://a.test/((x))|odd>", "odd (https://a.test/((x)))"),
        ("<mailto:a@b.test|a@b.test>", "a@b.test"),
        ("*<https://a.test|Page> now*", "**[Page](https://a.test) now**"),
        ("<#C1|general> <#C1> <#C9>", "#general #general #C9"),
        ("<!subteam^S1|@team> <!date^1^{date}|1970>", "@team 1970"),
        ("`*a* &lt;` *b*", "`*a* <` **b**"),
        ("see ```x *y*``` there", "see \n```\nx *y*\n```\n there"),
        ("&gt;quote\n&gt; more\nno", "> quote\n> more\nno"),
        ("&gt;&gt;&gt;a\nb", "> a\n> b"),
        (":+1: :wave::skin-tone-2: :parrot_dance: 10:30:00", "👍 👋🏻 :parrot_dance: 10:30:00"),
        (":flag-de: :heart:", "🇩🇪 ❤️"),
        ("\x010\x02", "0"),
    ],
)
def test_mrkdwn_becomes_markup(read: Reading, mrkdwn: str, text: str) -> None:
    assert read(message(FIRST, text=mrkdwn)).texts("general") == [text]


def test_mentions_name_people(read: Reading) -> None:
    found = read(
        message(FIRST, text=f"<@{BOB}> <@{CAROL}|carol> <@U9|zoe> <!channel>"),
        message("1577836801.0"),
    )
    entry = found.entries("general")[1]
    assert entry.text == "@bob @carol @zoe @all"
    assert [found.name(person) for person in entry.mentions] == ["bob", "carol", "zoe"]
    assert entry.mentions_all


def test_threads_stay(read: Reading) -> None:
    found = read(
        message(FIRST, text="first", thread_ts=FIRST),
        message("1577836801.0", BOB, "reply", thread_ts=FIRST, parent_user_id=ALICE),
        message("1577836802.0", BOB, "shown", thread_ts=FIRST, subtype="thread_broadcast"),
        message("1577836803.0", BOB, "lost", thread_ts="1500000000.0"),
    )
    assert [(one.text, one.thread) for one in found.entries("general")[1:]] == [
        ("first", None),
        ("reply", 2),
        ("shown", 2),
        ("lost", None),
    ]
    how = "not in a thread, as its first message is missing or later"
    assert found.report.counts("changed") == {("replies", how): 1}


def test_a_circle_is_no_thread(read: Reading) -> None:
    found = read(
        message("1577836801.0", text="a", thread_ts="1577836803.0"),
        message("1577836802.0", text="b", thread_ts="1577836801.0"),
        message("1577836803.0", text="c", thread_ts="1577836802.0"),
    )
    assert [one.thread for one in found.entries("general")[1:]] == [None, None, None]


def test_reactions_keep_people_and_skin_tones(read: Reading) -> None:
    reactions = [
        {"name": "+1::skin-tone-4", "users": [BOB, ALICE, BOB], "count": 3},
        {"name": "our-logo", "users": [BOB], "count": 1},
        {"name": "tada", "users": [BOB], "count": 60},
    ]
    found = read(message(FIRST, reactions=reactions))
    kept = found.entries("general")[1].reactions
    assert [(one.emoji, found.name(one.person)) for one in kept] == [
        ("👍🏽", "bob"),
        ("👍🏽", "alice"),
        ("🎉", "bob"),
    ]
    lost = found.report.counts("lost")
    assert lost["reactions", "neither an emoji of Unicode nor a custom emoji that is here"] == 1
    assert lost["reactions", "the export does not say whose"] == 59


def test_custom_emoji_that_are_here_are_kept(tmp_path: Path) -> None:
    reactions = [{"name": name, "users": [BOB], "count": 1} for name in ("our-logo", "gone")]
    days = {"general/2020-01-01.json": [message(FIRST, reactions=reactions)]}
    path = export(tmp_path / "slack.zip", days)
    found = converted("slack", path, custom_emoji={"logo": "logo", "our-logo": "logo"})
    assert [one.emoji for one in found.entries("general")[1].reactions] == [":logo:"]


def test_edits_and_deletions_show(read: Reading) -> None:
    found = read(
        message(FIRST, edited={"user": ALICE, "ts": "1577836900.000000"}),
        message("1577836801.0", "USLACKBOT", "This message was deleted.", subtype="tombstone"),
    )
    edited, deleted = found.entries("general")[1:]
    assert edited.edited_at == datetime(2020, 1, 1, 0, 1, 40, tzinfo=UTC)
    assert deleted.deleted_at
    assert deleted.text == ""


def test_apps_are_people_without_an_address(read: Reading) -> None:
    bot = {"subtype": "bot_message", "bot_id": "B1", "username": "Deploys"}
    attachment = {
        "pretext": "New",
        "title": "Build",
        "title_link": "https://ci.test/1",
        "text": "*green*",
        "fields": [{"title": "Time", "value": "3 s"}],
    }
    given = message(FIRST, text="", attachments=[attachment], **bot)
    del given["user"]
    unfurled = {"from_url": "https://a.test", "title": "A page"}
    found = read(given, message("1577836801.0", text="<https://a.test>", attachments=[unfurled]))
    assert found.texts("general") == [
        "New\n> [Build](https://ci.test/1)\n> **green**\n> **Time**: 3 s",
        "https://a.test",
    ]
    author = found.people[found.entries("general")[1].by]
    assert (author.username, author.name, author.email) == ("deploys", "Deploys", "")
    assert found.report.counts("lost")["previews of links", "Parley makes its own"] == 1
    shown = found.report.lines["changed", "attachments of apps", "as quoted text"].examples
    assert shown[0].startswith("New > ")


def test_blocks_are_read_where_there_is_no_text(read: Reading) -> None:
    parts = [
        {"type": "text", "text": "a <b> ", "style": {"bold": True}},
        {"type": "user", "user_id": BOB},
        {"type": "link", "url": "https://a.test", "text": "Page"},
        {"type": "emoji", "name": "tada"},
    ]
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]
    rich = [
        {"type": "rich_text_section", "elements": parts},
        {"type": "rich_text_list", "style": "ordered", "elements": items},
    ]
    blocks = [
        {"type": "rich_text", "elements": rich},
        {"type": "section", "text": {"type": "mrkdwn", "text": "~x~"}},
    ]
    found = read(message(FIRST, text="", blocks=blocks))
    assert found.texts("general") == ["**a <b>** @bob[Page](https://a.test)🎉\n1. one\n~~x~~"]


def test_pins_stay(tmp_path: Path) -> None:
    pins = [{"id": FIRST, "type": "C", "created": 1_577_840_000, "user": ALICE, "owner": ALICE}]
    files = {"channels.json": [channel(pins=pins)], "general/1.json": [message(FIRST)]}
    found = converted("slack", export(tmp_path / "slack.zip", files))
    pinned_at = found.entries("general")[1].pinned_at
    assert pinned_at == datetime(2020, 1, 1, 0, 53, 20, tzinfo=UTC)


def test_a_long_message_becomes_several(read: Reading) -> None:
    text = "line\n" * 30_000
    found = read(message(FIRST, text=text), message("1577836801.0", text="next"))
    *parts, last = found.texts("general")
    assert len(parts) == 2
    assert "\n".join(parts) == text
    assert last == "next"
