"""The error collector of the journeys sees every kind of error."""

from collections.abc import Callable

from tests.journeys.watch import Watch


def assert_collected(watch: Watch, words: str, provoke: Callable[[], object]) -> None:
    """Provoke an error, wait until it is collected, and remove it again."""
    provoke()
    [page, *_] = [page for context in watch.browser.contexts for page in context.pages]
    for _ in range(500):
        if any(words in fault for fault in watch.faults):
            break
        page.wait_for_timeout(20)
    else:
        raise AssertionError(f"{words!r} was not collected, only {watch.faults}")
    watch.faults.clear()


def test_errors_of_pages_workers_and_policy_are_collected(enter, browse, cast, server, watch):
    page = enter(cast.alice).page
    assert_collected(watch, "said aloud", lambda: page.evaluate("console.error('said aloud')"))
    thrown = "void setTimeout(() => { throw new Error('thrown') })"
    assert_collected(watch, "thrown", lambda: page.evaluate(thrown))
    image = "void (new Image().src = 'https://example.org/a.png')"
    assert_collected(watch, "policy: img-src", lambda: page.evaluate(image))

    lawless = browse(bypass_csp=True).new_page()
    lawless.goto(f"{server.url}/accounts/login/")
    script = "new Blob(['setTimeout(() => { throw new Error(`broken`) }, 100)'])"
    worker = f"void new SharedWorker(URL.createObjectURL({script}))"
    assert_collected(watch, "worker: Uncaught Error: broken", lambda: lawless.evaluate(worker))
