"""The browser's copy of the rules decides like the server's: both use one table of cases."""

import json
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent.parent
CASES: list[dict[str, Any]] = json.loads((TABLES / "rules.json").read_text())
WORDS: dict[str, Any] = json.loads((TABLES / "keywords.json").read_text())
DECIDE = """async ([release, cases]) => {
  const { decide } = await import(`/static/${release}/notifications/rules.js`);
  const plain = { preferences: {}, text: 'hello', mentioned: false, now: '2026-03-01T12:00:00Z' };
  return cases.map((one) => ({ ...plain, ...one })).map(({ preferences, text, mentioned, now }) =>
    decide(preferences, { text, mentioned, now: Date.parse(now) }));
}"""


def test_browser_and_server_decide_alike(enter, cast):
    alice = enter(cast.alice)
    release = alice.page.evaluate("document.body.dataset.release")
    decided = alice.page.evaluate(DECIDE, [release, CASES])
    assert {case["name"]: reason for case, reason in zip(CASES, decided, strict=True)} == {
        case["name"]: case["reason"] for case in CASES
    }


def test_keywords_match_whole_words_in_any_case(enter, cast):
    alice = enter(cast.alice)
    release = alice.page.evaluate("document.body.dataset.release")
    preferences = {"level": "mentions", "keywords": WORDS["keywords"]}
    cases = [{"preferences": preferences, "text": case["text"]} for case in WORDS["texts"]]
    decided = alice.page.evaluate(DECIDE, [release, cases])
    assert [
        {"text": case["text"], "found": reason == "keyword"}
        for case, reason in zip(cases, decided, strict=True)
    ] == WORDS["texts"]
