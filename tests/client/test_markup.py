"""Light markup: what becomes what, and that no text is slow or active."""

import json
from typing import Any

import pytest

from tests.client.conftest import OpenPage
from tests.client.screen import Screen

PARSE = "async ([module, text]) => (await import(module)).parse(text)"


@pytest.fixture
def door(open_page: OpenPage) -> Screen:
    """Any page, to run modules in."""
    return open_page(None, "/accounts/login/")


def parse(screen: Screen, text: str) -> Any:
    return screen.run(PARSE, [screen.module("chats/markup.js"), text])


def spoken(node: Any) -> str:
    """A parsed text in short: `<b>`, `<i>`, `<c>`, `<a>` around what they hold."""
    if isinstance(node, str):
        return node
    sign = {"bold": "b", "italic": "i", "code": "c", "link": "a"}[node["kind"]]
    inside = node.get("text") or "".join(map(spoken, node.get("nodes", [])))
    return f"<{sign}>{inside}</{sign}>"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("plain\ntwo lines", "plain\ntwo lines"),
        ("a *b* **c** _d_ `e`", "a <i>b</i> <b>c</b> <i>d</i> <c>e</c>"),
        ("***x***", "<b><i>x</i></b>"),
        ("**a *b* c**", "<b>a <i>b</i> c</b>"),
        ("`*not*`", "<c>*not*</c>"),
        ("``a ` b``", "<c>a ` b</c>"),
        ("snake_case_name, 2*3*4", "snake_case_name, 2*3*4"),
        ("never **closed", "never **closed"),
        ("*not\nover lines*", "*not\nover lines*"),
        ("(https://a.test/b).", "(<a>https://a.test/b</a>)."),
        ("https://a.test/b_(c)_d?e=1&f=2,", "<a>https://a.test/b_(c)_d?e=1&f=2</a>,"),
        ("javascript:alert(1) http://", "javascript:alert(1) http://"),
    ],
)
def test_text_means(auth_page: Screen, text: str, meaning: str) -> None:
    [block] = parse(auth_page, text)
    assert "".join(map(spoken, block["nodes"])) == meaning


def test_fences_hold_programs_as_they_were_typed(auth_page: Screen) -> None:
    blocks = parse(auth_page, "before\n```py\nfor *x*:\n    y\n```\nafter")
    assert blocks == [
        {"kind": "text", "nodes": ["before"]},
        {"kind": "pre", "text": "for *x*:\n    y", "language": "py"},
        {"kind": "text", "nodes": ["after"]},
    ]


def test_a_fence_that_is_not_closed_is_text(auth_page: Screen) -> None:
    assert parse(auth_page, "```\nnever closed") == [
        {"kind": "text", "nodes": ["```\nnever closed"]}
    ]


@pytest.mark.parametrize(
    "piece", ["_a ", "*a **b ", "`", "*", "```x\n", "http://", "https://a.b/("]
)
def test_nothing_is_lost_in_the_longest_text(auth_page: Screen, piece: str) -> None:
    text = (piece * 100_000)[:99_999]
    blocks = parse(auth_page, text)
    assert len(json.dumps(blocks)) >= len(text) * 0.9


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", ""),
        (" \n\t\n", ""),
        ("\n \n  indented\n\nlast \n ", "  indented\n\nlast"),
        ("  one line  ", "  one line"),
    ],
)
def test_blank_edges_are_not_sent(open_page: OpenPage, cast, typed: str, sent: str) -> None:
    alice = open_page(cast.alice)
    script = "async ([module, text]) => (await import(module)).withoutBlankEdges(text)"
    assert alice.run(script, [alice.module("chats/composer.js"), typed]) == sent


def test_blanks_are_cut_in_time_that_grows_with_their_number(open_page: OpenPage, cast) -> None:
    """Two million blanks before a word: hours, if each of them were looked at from each other."""
    alice = open_page(cast.alice)
    script = """async (module) => {
      const { withoutBlankEdges } = await import(module);
      return [' ', '\\n'].map((blank) => withoutBlankEdges(`x${blank.repeat(2e6)}x`).length);
    }"""
    assert alice.run(script, alice.module("chats/composer.js")) == [2_000_002, 2_000_002]


def test_markup_in_a_message_never_becomes_markup_of_the_page(open_page: OpenPage, cast) -> None:
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.say("<img src=x onerror=alert(1)><b>no</b> https://a.test/?q=<script>")
    text = alice.last_row.locator(".text")
    assert text.locator("img, b, script").count() == 0
    assert text.inner_text() == "<img src=x onerror=alert(1)><b>no</b> https://a.test/?q=<script>"
    assert text.locator("a").get_attribute("href") == "https://a.test/?q="
