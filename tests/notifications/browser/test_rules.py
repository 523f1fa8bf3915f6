"""The browser's copy of the rules decides like the server's: both use one table of cases."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

TABLES = Path(__file__).parent.parent
STATIC = Path(settings.BASE_DIR) / "static"
CASES: list[dict[str, Any]] = json.loads((TABLES / "rules.json").read_text())
WORDS: dict[str, Any] = json.loads((TABLES / "keywords.json").read_text())
# A release has no such file: `decide` answers with the source.
DECIDE = """async (cases) => {
  const { decide } = await import('/sources/notifications/rules.js');
  const plain = { preferences: {}, text: 'hello', mentioned: false, now: '2026-03-01T12:00:00Z' };
  return cases.map((one) => ({ ...plain, ...one })).map(({ preferences, text, mentioned, now }) =>
    decide(preferences, { text, mentioned, now: Date.parse(now) }));
}"""


@pytest.fixture
def service_workers() -> bool:
    """None: the page has only to import a module."""
    return False


def decide(page: Page, cases: list[dict[str, Any]]) -> list[str]:
    """What the browser's copy decides in each case."""
    page.route(
        "**/sources/**",
        lambda route: route.fulfill(path=STATIC / route.request.url.split("/sources/")[1]),
    )
    decided: list[str] = page.evaluate(DECIDE, cases)
    return decided


def test_browser_and_server_decide_alike(enter, cast):
    """And keywords match whole words in any case."""
    alice = enter(cast.alice)
    decided = decide(alice.page, CASES)
    assert {case["name"]: reason for case, reason in zip(CASES, decided, strict=True)} == {
        case["name"]: case["reason"] for case in CASES
    }

    preferences = {"level": "mentions", "keywords": WORDS["keywords"]}
    cases = [{"preferences": preferences, "text": case["text"]} for case in WORDS["texts"]]
    decided = decide(alice.page, cases)
    assert [
        {"text": case["text"], "found": reason == "keyword"}
        for case, reason in zip(cases, decided, strict=True)
    ] == WORDS["texts"]

    pairs = WORDS["pairs"]
    cases = [
        {"preferences": {"level": "mentions", "keywords": [pair["keyword"]]}, "text": pair["text"]}
        for pair in pairs
    ]
    found = [reason == "keyword" for reason in decide(alice.page, cases)]
    assert [pair | {"found": one} for pair, one in zip(pairs, found, strict=True)] == pairs
