"""A tab that holds only the client object of `static/realtime/client.js`."""

from typing import Any

from playwright.sync_api import BrowserContext, Page

START = """async (release) => {
  const { connect } = await import(`/static/${release}/realtime/client.js`);
  const { stateOf } = await import(`/static/${release}/realtime/tab/timeline.js`);
  window.client = connect();
  window.seen = { states: [] };
  client.watchConnection((view) => {
    seen.connection = view;
    seen.states.push(view.state);
  });
  client.watchMe((view) => (seen.me = view));
  client.watchChats((view) => (seen.chats = view));
  client.watchContacts((view) => (seen.contacts = view));
  window.show = (chat, at) => {
    window.diffs = [];
    window.timeline?.close();
    window.timeline = client.openTimeline(chat, { at }, (diff) => diffs.push(diff));
  };
  // All rows of this browser's databases, by store.
  window.stored = async () => {
    const done = (request) =>
      new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const found = {};
    for (const { name } of await indexedDB.databases()) {
      const db = await done(indexedDB.open(name));
      for (const store of db.objectStoreNames) {
        const rows = await done(db.transaction(store).objectStore(store).getAll());
        (found[store] ??= []).push(...rows);
      }
      db.close();
    }
    return found;
  };
  window.lines = () => timeline.rows.map((row) => row.text);
  window.marks = () =>
    timeline.rows.filter((row) => row.mine).map((row) => stateOf(row, timeline.state.positions));
}"""


# Playwright's own wait takes a promise for true.
WAIT = """async (given) => {
  const end = performance.now() + 15_000;
  while (performance.now() < end) {
    const value = await (EXPRESSION);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return null;
}"""


class Tab:
    """One page of one person."""

    def __init__(self, page: Page, release: str = "r1") -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.evaluate(START, release)

    def wait(self, expression: str, argument: Any = None) -> Any:
        """Wait until an expression (or its promise's result) is true. Returns its value."""
        value = self.page.evaluate(WAIT.replace("EXPRESSION", expression), argument)
        assert value is not None, f"it did not become true: {expression}"
        return value

    def run(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression (a promise's result)."""
        return self.page.evaluate(f"async (given) => {{ return {expression}; }}", argument)

    def online(self) -> "Tab":
        """Wait until the connection is open and has caught up."""
        self.wait("seen.connection?.state === 'online'")
        return self

    def show(self, chat: Any, at: Any = "end") -> "Tab":
        """Open a timeline and wait until its rows are there."""
        self.run("show(given.chat, given.at)", {"chat": str(chat), "at": at})
        self.wait("timeline.state.status === 'ready'")
        return self

    def say(self, chat: Any, text: str) -> str:
        """Send a message. Returns its client id."""
        given = {"chat": str(chat), "text": text}
        return self.run("client.send(given.chat, given.text)", given)

    def failure(self, expression: str, argument: Any = None) -> str:
        """The code with which a promise is rejected; `none` when it is not."""
        wrapped = f"({expression}).then(() => 'none', (error) => error.code)"
        return self.run(wrapped, argument)

    def debug(self) -> dict[str, Any]:
        """The client's own counts."""
        return self.run("client.debug()")


def open_tab(context: BrowserContext, url: str, release: str = "r1") -> Tab:
    """Open the page at `url` in a new tab and start its client."""
    page = context.new_page()
    page.goto(url)
    return Tab(page, release)
