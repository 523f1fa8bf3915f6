"""P11, first paint: how soon a browser on a slow line shows the first message of a chat."""

import statistics
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from http.cookies import SimpleCookie

import psycopg
from playwright.async_api import Browser, BrowserContext, async_playwright

from bench.contestants import PRODUCT
from bench.options import Options
from bench.people import Person
from bench.report import Row, Target
from bench.slow_line import slow_line
from bench.stack import Stores
from tests.support.browser import executable

ROUND_TRIP_S, BITS_PER_S = 0.040, 10e6
VIEWPORT = {"width": 1280, "height": 800}
TIMES = 5
MESSAGES = 200
COLD = Target(0.9, at_most=True)
WARM = Target(0.35, at_most=True)
REQUESTS = Target(40, at_most=True)
FILL = """
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT %(chat)s, n, n, gen_random_uuid(), 'text', (
    SELECT user_id FROM chats_member WHERE chat_id = %(chat)s ORDER BY user_id OFFSET n %% 2 LIMIT 1
), gen_random_uuid(), repeat('words of a message ', 1 + n %% 9),
    now() - (%(end)s - n) * interval '1 minute'
FROM generate_series(1, %(end)s) AS n
"""
HEAD = "UPDATE chats_chat SET last_seq = %(end)s, rev = %(end)s WHERE id = %(chat)s"
# The frame after the first row is in the page is the one that paints it.
WATCH = """
globalThis.painted = new Promise((resolve) => {
  new MutationObserver((_, seen) => {
    if (!document.querySelector('li.row .text')) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve({
      message: performance.now(),
      anything: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      requests: 1 + performance.getEntriesByType('resource').length,
    })));
  }).observe(document, { childList: true, subtree: true });
});
"""
# The browser caches for its next visit: a service worker has the files of the release.
SETTLED = "() => navigator.serviceWorker.ready.then(() => true)"


async def run(stores: Stores, options: Options) -> list[Row]:
    """Open a chat in a new browser, and again in the same browser. Medians of five."""
    if "parley" not in options.contestants:
        return []
    async with AsyncExitStack() as stack:
        static = stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-"))
        _collect(stores, static)
        serving = PRODUCT.serving(stores, processes=options.processes, STATIC_ROOT=static)
        running, people = stack.enter_context(serving)
        reader = people.pairs[0]
        _fill(stores, reader.chat)
        line = slow_line(running.endpoint.port, round_trip_s=ROUND_TRIP_S, bits_per_s=BITS_PER_S)
        port = await stack.enter_async_context(line)
        driver = await stack.enter_async_context(async_playwright())
        # The browser takes the line and keeps the address, which the server checks.
        by_line = f"--host-resolver-rules=MAP {running.endpoint.host} 127.0.0.1:{port}"
        browser = await driver.chromium.launch(
            executable_path=executable(whole=True), args=["--no-sandbox", by_line]
        )
        stack.push_async_callback(browser.close)
        visits = [await _visits(browser, running.endpoint.origin, reader) for _ in range(TIMES)]
    cold, warm = ([pair[place] for pair in visits] for place in (0, 1))
    return [
        _row("cold: first message painted", _median(cold, "message"), "s", COLD),
        _row("cold: anything painted", _median(cold, "anything"), "s"),
        _row("cold: requests before the first message", _count(cold), "", REQUESTS),
        _row("warm: first message painted", _median(warm, "message"), "s", WARM),
        _row("warm: anything painted", _median(warm, "anything"), "s"),
    ]


def _collect(stores: Stores, static: str) -> None:
    environment = stores.environment(PRODUCT.name) | {"STATIC_ROOT": static}
    command = [sys.executable, "-m", "chatproject.run.release", "static"]
    subprocess.run(command, env=environment, check=True)


def _fill(stores: Stores, chat: str) -> None:
    with psycopg.connect(stores.url(PRODUCT.name)) as connection:
        for statement in (FILL, HEAD):
            connection.execute(statement, {"chat": chat, "end": MESSAGES})


async def _visits(
    browser: Browser, origin: str, reader: Person
) -> tuple[dict[str, float], dict[str, float]]:
    """What a first and a second visit to the chat took."""
    context = await browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    [cookie] = SimpleCookie(reader.cookie).values()
    await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": origin}])
    await context.add_init_script(WATCH)
    address = f"{origin}/c/{reader.chat}"
    visits = await _visit(context, address), await _visit(context, address)
    await context.close()
    return visits


async def _visit(context: BrowserContext, address: str) -> dict[str, float]:
    page = await context.new_page()
    await page.goto(address)
    found: dict[str, float] = await page.evaluate("globalThis.painted")
    await page.evaluate(SETTLED)
    await page.close()
    print(
        f"  {found['message']:6.0f} ms until the first message, {found['anything']:.0f} ms until"
        f" anything; {found['requests']:.0f} requests",
        flush=True,
    )
    return found


def _median(visits: list[dict[str, float]], what: str) -> float:
    """In seconds."""
    return statistics.median(visit[what] for visit in visits) / 1000


def _count(visits: list[dict[str, float]]) -> float:
    return statistics.median(visit["requests"] for visit in visits)


def _row(metric: str, value: float, unit: str, target: Target | None = None) -> Row:
    return Row(row="P11", metric=metric, value=value, unit=unit, target=target)
