"""Commands, actions and pages of plugins that sleep, hang and fail: somebody waits for each."""

import asyncio
import threading

import pytest
from django.db import connection
from django.http import Http404, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.urls import include, path, resolve
from django.utils.translation import get_language, override

from apps.core.errors import NotPossible, Unavailable
from apps.core.metrics import PLUGIN_CALLS
from apps.integrations.commands.registry import registered
from apps.integrations.plugins import bounded_calls, bounded_pages, registry
from apps.integrations.plugins.bounded_calls import MAX_AT_ONCE, BoundedCalls
from apps.integrations.plugins.bounded_pages import bound_pages

pytestmark = pytest.mark.django_db(transaction=True)
# For what does not hang: a busy machine is not in a hurry.
WORKS_S = 30.0


@pytest.fixture
def released():
    """An event for which a plugin hangs; it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(bounded_calls, "TIMEOUT_S", 0.05)
    monkeypatch.setattr(bounded_calls, "WAIT_S", 0.05)
    monkeypatch.setattr(bounded_pages, "TIMEOUT_S", 0.05)


def counted(outcome, part="command"):
    return PLUGIN_CALLS.labels("p0", part, outcome)._value.get()


def test_a_call_has_the_language_of_its_caller_and_a_connection_of_its_own():
    def look(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return threading.get_ident(), get_language(), args, kwargs

    with override("de"):
        thread, language, args, kwargs = BoundedCalls("p0", "command").bounded(look)(1, a=2)
    assert (thread != threading.get_ident(), language, args, kwargs) == (True, "de", (1,), {"a": 2})
    assert connection.connection is None, "it is back in the pool while the plugin works"


@pytest.mark.parametrize(("error", "outcome"), [(NotPossible, "done"), (KeyError, "failed")])
def test_what_a_plugin_raises_reaches_its_caller(error, outcome):
    def fail():
        raise error("no")

    before = counted(outcome)
    with pytest.raises(error):
        BoundedCalls("p0", "command").bounded(fail)()
    assert counted(outcome) == before + 1


def test_a_plugin_that_hangs_is_given_up_and_keeps_a_bounded_number_of_threads(
    short, released, monkeypatch
):
    before = counted("late"), counted("busy")
    call = BoundedCalls("p0", "command").bounded(lambda wait: released.wait() if wait else "done")
    for _ in range(MAX_AT_ONCE):
        with pytest.raises(Unavailable):
            call(True)
    running = threading.active_count()
    for _ in range(2):
        with pytest.raises(Unavailable):
            call(False)
    assert threading.active_count() == running
    assert (counted("late"), counted("busy")) == (before[0] + MAX_AT_ONCE, before[1] + 2)
    for thread in threading.enumerate():
        if thread.name == "plugin-p0-command":
            released.set()
            thread.join(10)
    monkeypatch.setattr(bounded_calls, "TIMEOUT_S", WORKS_S)
    assert call(False) == "done"


def test_commands_and_actions_of_plugins_are_bounded():
    """Those that are loaded."""
    loaded = [registered("poll").run, registered("remind").run, registry.action("polls", "vote")]
    assert {each.__code__.co_filename for each in loaded} == {bounded_calls.__file__}


def test_a_page_that_hangs_is_a_page_that_says_so(short, released, monkeypatch):
    async def never(request):
        await asyncio.Event().wait()

    async def slow_source(request):
        raise TimeoutError("its source")

    def missing(request):
        raise Http404

    def lazy(request):
        template = engines["django"].from_string("{{ wait }}")
        return TemplateResponse(request, template, {"wait": released.wait})

    inner = [
        path("hangs", lambda request: released.wait()),
        path("never", never),
        path("lazy", lazy),
        path("source", slow_source),
        path("missing", missing),
        path("fine", lambda request: HttpResponse("Sunny")),
    ]
    routes = bound_pages("p0", path("plugins/p0/", include(inner)))

    def get(name):
        match = routes.resolve(f"plugins/p0/{name}")
        page = match.func(RequestFactory().get("/"))
        return asyncio.run(page) if asyncio.iscoroutine(page) else page

    late = counted("late", "page")
    for name in ("hangs", "lazy", "never"):
        page = get(name)
        assert (page.status_code, b"</html>" in page.content) == (503, True)
    assert counted("late", "page") == late + 3
    for name in ("TIMEOUT_S", "WAIT_S"):
        monkeypatch.setattr(bounded_calls, name, WORKS_S)
    monkeypatch.setattr(bounded_pages, "TIMEOUT_S", WORKS_S)
    with pytest.raises(Http404):
        get("missing")
    failed = counted("failed", "page")
    with pytest.raises(TimeoutError, match="its source"):
        get("source")
    assert counted("failed", "page") == failed + 1
    assert get("fine").content == b"Sunny"
    shipped = resolve("/plugins/polls/new/0198c0de-0000-7000-8000-000000000000")
    assert shipped.func.__code__.co_filename == bounded_pages.__file__
