"""No log line has the rows that an error of the database is about."""

import logging
from io import StringIO

import pytest
from celery.utils.log import get_task_logger
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

from apps.core.log_lines import JsonFormatter
from chatproject import celery
from chatproject.run import web
from tests.chats.factories import write
from tests.support.people import alice, bob, chat

__all__ = ["alice", "bob", "chat"]
# On several lines. Tracebacks have the source of this module, which has the names alone.
SECRET, REST = "zyxomma", "under the mat"


@pytest.fixture
def error(chat, bob):
    """What PostgreSQL says of a message that it does not store."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chats_message ADD CHECK (length(text) < 5) NOT VALID")
        with pytest.raises(IntegrityError, match=SECRET) as caught, transaction.atomic():
            write(bob, chat, f"The\n{SECRET}\nis {REST}")
        transaction.set_rollback(True)
    return caught.value


def lines(error, write_line, formatter):
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logger = logging.Logger("of this test")
    logger.addHandler(handler)
    try:
        raise error
    except Exception:
        write_line(logger)
    return out.getvalue()


def ours():
    """The formatter of the settings."""
    given = dict(settings.LOGGING["formatters"]["text"])
    return import_string(given.pop("()"))(given["format"])


def of_celery():
    """That of a worker, as the signal leaves it."""
    logger = get_task_logger("of this test")
    logger.handlers = [logging.StreamHandler()]
    logger.handlers[0].setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    celery._leave_out_details(logger)
    return logger.handlers[0].formatter


@pytest.mark.parametrize("formatter", [ours, of_celery])
@pytest.mark.parametrize(
    "form", ["traceback", "argument", "message", "named", "cause", "group", "repr"]
)
def test_details_of_a_database_error_are_left_out(error, form, formatter):
    raised, write_line = error, lambda logger: logger.exception("failed")
    if form == "argument":
        write_line = lambda logger: logger.error("failed: %s", error)  # noqa: E731
    elif form == "message":
        write_line = lambda logger: logger.error(error)  # noqa: E731
    elif form == "named":
        write_line = lambda logger: logger.error("failed: %(error)s", {"error": error})  # noqa: E731
    elif form == "repr":
        context = {"exc": repr(error)}
        write_line = lambda logger: logger.error("%(exc)s", context, exc_info=True)  # noqa: E731
    elif form == "cause":
        raised = RuntimeError("broken")
        raised.__cause__ = error
    elif form == "group":
        raised = ExceptionGroup("several", [ValueError("one"), error])
    text = lines(raised, write_line, formatter())
    assert "violates check constraint" in text
    assert SECRET not in text
    assert REST not in text


@pytest.mark.parametrize("formatter", [ours, of_celery, JsonFormatter])
@pytest.mark.parametrize(
    "path",
    [
        "/hooks/0198c0de-0000-7000-8000-00000000abcd/",
        "/hooks/responses/0198c0de-0000-7000-8000-00000000abcd/",
        "/join/",
        "/api/v1/with/",
        "/digest/off/",
        "/accounts/confirm-email/",
        "/accounts/password/reset/key/",
        "/files/",
    ],
)
def test_no_line_has_the_secret_of_an_address(error, formatter, path):
    """What Django writes of a request that fails, and of one that no view takes."""
    for rest in (SECRET, f"{SECRET}/"):
        text = lines(
            error,
            lambda logger, rest=rest: logger.error("Not Found: %s", path + rest, exc_info=True),
            formatter(),
        )
        assert path in text
        assert SECRET not in text


def test_uvicorn_writes_lines_of_the_same_form(monkeypatch):
    """It logs what an application did not catch."""
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi")]
    # Those of servers that other tests ran in this process.
    for logger in loggers:
        monkeypatch.setattr(logger, "handlers", [])
        monkeypatch.setattr(logger, "propagate", True)
    web.uvicorn_config()
    for logger in loggers:
        assert (logger.handlers, logger.propagate) == ([], True), logger.name


def test_at_debug_no_library_logs_what_people_send():
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    try:
        silent = ("botocore", "boto3", "s3transfer", "httpx", "httpcore", "urllib3")
        talking = [name for name in silent if logging.getLogger(name).isEnabledFor(logging.DEBUG)]
    finally:
        root.setLevel(before)
    assert talking == []
