"""Logic without a server: which parts are held, what follows what, how copies change."""

import pytest

from apps.wire import bodies
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.tab import Tab


@pytest.fixture
def tab(enter: Enter, script: ScriptedServer) -> Tab:
    """Any tab, to run modules in."""
    return enter(script.person("Alice"))


@pytest.mark.parametrize(
    ("spans", "added", "result"),
    [
        ([], [3, 5], [[3, 5]]),
        ([[1, 2]], [3, 5], [[1, 5]]),
        ([[1, 2]], [4, 5], [[1, 2], [4, 5]]),
        ([[1, 2], [6, 9]], [3, 5], [[1, 9]]),
        ([[4, 8]], [5, 6], [[4, 8]]),
        ([[4, 8]], [1, 20], [[1, 20]]),
        ([[7, 8]], [1, 2], [[1, 2], [7, 8]]),
        ([[1, 2]], [5, 4], [[1, 2]]),
    ],
)
def test_held_parts_merge_when_they_touch(
    tab: Tab, spans: list[list[int]], added: list[int], result: list[list[int]]
) -> None:
    given = {"spans": spans, "added": added}
    module = "import('/static/r1/realtime/worker/spans.js')"
    assert tab.run(f"(await {module}).addSpan(given.spans, given.added)", given) == result


@pytest.mark.parametrize(
    ("cursor", "rev", "prev", "place"),
    [
        (5, 5, None, "known"),
        (5, 4, 3, "known"),
        (5, 6, None, "next"),
        (5, 7, None, "missing"),
        (5, 9, 5, "next"),
        (5, 9, 3, "next"),
        (5, 9, 6, "missing"),
        (0, 1, 0, "next"),
    ],
)
def test_a_revision_is_known_next_or_missing(
    tab: Tab, cursor: int, rev: int, prev: int | None, place: str
) -> None:
    given = {"cursor": cursor, "rev": rev, "prev": prev}
    module = "import('/static/r1/realtime/worker/sync.js')"
    assert tab.run(f"(await {module}).follows(given.cursor, given.rev, given.prev)", given) == place


def test_a_copy_follows_every_part_of_a_diff(tab: Tab) -> None:
    given = {
        "state": {"rows": [{"key": "b"}, {"key": "c"}], "pending": [{"key": "x"}], "atEnd": True},
        "diff": {
            "prepend": [{"key": "a"}],
            "append": [{"key": "x", "seq": 4}],
            "replace": [{"key": "c", "text": "new"}],
            "trimStart": 1,
            "pending": [],
            "unreadFrom": None,
        },
    }
    module = "import('/static/r1/realtime/tab/timeline.js')"
    state = tab.run(f"(await {module}).applyDiff(given.state, given.diff)", given)
    assert [row["key"] for row in state["rows"]] == ["b", "c", "x"]
    assert state["rows"][1]["text"] == "new"
    assert (state["pending"], state["atEnd"], state["unreadFrom"]) == ([], True, None)


def test_waits_between_attempts_grow_to_half_a_minute_and_differ(tab: Tab) -> None:
    module = "import('/static/r1/realtime/worker/backoff.js')"
    waits = tab.run(
        f"""(({{ Backoff }}) => {{
          const runs = Array.from({{ length: 300 }}, () => new Backoff());
          return Array.from({{ length: 9 }}, () => runs.map((backoff) => backoff.next()));
        }})(await {module})"""
    )
    for attempt, drawn in enumerate(waits):
        ceiling = min(30_000, 500 * 2**attempt)
        assert max(drawn) <= ceiling
        assert max(drawn) > ceiling * 0.9
        assert min(drawn) < ceiling * 0.1


def test_ids_are_uuids_of_version_four(tab: Tab) -> None:
    module = "import('/static/r1/realtime/both/ids.js')"
    made = tab.run(f"Array.from({{ length: 50 }}, (await {module}).uuid)")
    assert len(set(made)) == 50
    for one in made:
        assert bodies.UUID(one).version == 4
        assert bodies.UUID(one).variant == "specified in RFC 4122"
