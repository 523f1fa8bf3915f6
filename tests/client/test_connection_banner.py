"""The line about the connection."""

from tests.client.conftest import OpenPage
from tests.support.live import Cast

WORDS = """async ([side, lit, view]) => {
  const [{ connectionLine }, { render }] = await Promise.all([import(side), import(lit)]);
  const place = document.createElement('div');
  render(connectionLine(view), place);
  return place.textContent;
}"""


def test_nobody_is_asked_to_reload_a_page_that_alone_has_their_words(
    open_page: OpenPage, cast: Cast
) -> None:
    alice = open_page(cast.alice)
    modules = [alice.module("shell/sidebar.js"), alice.module("vendor/lit-html/lit-html.js")]
    view = {"state": "online", "retryAt": None, "queued": 1, "unstored": 1, "release": "newer"}
    assert "Leave this page open" in alice.run(WORDS, [*modules, view])
    assert "Load it" in alice.run(WORDS, [*modules, {**view, "unstored": 0}])
