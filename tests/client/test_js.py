"""Logic of the client that needs no server: the cases of `tests/client/js/*.test.js`."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Route

ROOT = Path(settings.BASE_DIR)
FILES = sorted((ROOT / "tests" / "client" / "js").glob("*.test.js"))
# Requests to this host are answered with the files of the repository.
HOST = "http://localhost:9"
PAGE = '<!doctype html><html lang="en"><body data-person="alice"></body></html>'
RUN = """async (name) => {
  await import(`/tests/client/js/${name}`);
  return (await import('/tests/client/js/runner.js')).run();
}"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.js"))
def test_cases(chromium, file):
    with chromium.new_context(locale="en-GB", timezone_id="Europe/Berlin") as context:
        page = context.new_page()
        page.route(f"{HOST}/**", answer)
        page.goto(f"{HOST}/")
        results: dict[str, str] = page.evaluate(RUN, file.name)
    assert len(results) >= len(re.findall(r"^ *test\(", file.read_text(), re.M))
    failed = [f"{name}\n{error}" for name, error in results.items() if error]
    assert not failed, "\n\n".join(["", *failed])


def answer(route: Route) -> None:
    path = route.request.url.removeprefix(HOST).lstrip("/")
    if path:
        route.fulfill(path=ROOT / path)
    else:
        route.fulfill(body=PAGE, content_type="text/html")
