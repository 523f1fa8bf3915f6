"""Errors over HTTP: problem documents and the 503 page."""

import pytest
from django.db import DataError, InternalError, OperationalError, ProgrammingError
from django.test import Client
from rest_framework.exceptions import PermissionDenied

from apps.accounts.sessions import SessionStore
from apps.core import database as database_errors
from apps.core import health
from apps.core.errors import RateLimited
from apps.core.outage_log import OutageLog
from apps.core.problems import MEDIA_TYPE, handle, response
from tests.support.people import signed_in


def test_a_refusal_becomes_a_problem_document_with_retry_after():
    answer = response(RateLimited(retry_after=0.2))
    assert (answer.status_code, answer["Content-Type"]) == (429, MEDIA_TYPE)
    assert answer["Retry-After"] == "1"
    assert b'"type":"urn:parley:problem:rate_limited"' in answer.content


@pytest.mark.parametrize("kind", [OperationalError, InternalError, ProgrammingError])
def test_database_errors_are_503_without_details(kind):
    answer = handle(kind("away"), {})
    assert (answer.status_code, answer.data.code) == (503, "unavailable")
    assert "away" not in answer.data.detail


def test_data_that_cannot_be_stored_is_400():
    answer = handle(DataError("too long for type"), {})
    assert (answer.status_code, answer.data.code) == (400, "invalid")


def test_what_the_api_refuses_is_no_warning_and_a_page_that_is_absent_is(alice, caplog):
    client = signed_in(alice)
    assert client.get("/api/v1/me/link").status_code == 404
    assert Client().get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/nothing").status_code == 404
    assert not caplog.records
    assert client.get("/nothing").status_code == 404
    assert [record.getMessage() for record in caplog.records] == ["Not Found: /nothing"]


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_pages_return_503_and_the_outage_is_logged_once(db, monkeypatch, caplog, path):
    def away(self):
        raise InternalError("cannot execute UPDATE in a read-only transaction")

    monkeypatch.setattr(SessionStore, "load", away)
    monkeypatch.setattr(
        database_errors, "database_outages", OutageLog(database_errors.logger, "PostgreSQL")
    )
    client = Client(raise_request_exception=False)
    client.cookies["parley"] = "somebody"
    answers = [client.get(path), client.get(path)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert "Nothing is lost" in answers[0].content.decode()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_ready_is_503_on_a_read_only_server_and_asks_the_next_one_afterwards(db, client):
    assert client.get("/readyz").json()["database"] == "ok"
    with health._database_probe._connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    assert client.get("/readyz?of=process").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "read_only")
    # The address may lead to another server by now.
    assert client.get("/readyz").json()["database"] == "ok"


def test_errors_of_the_framework_are_problem_documents():
    answer = handle(PermissionDenied(), {})
    assert (answer.status_code, answer.data.code) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing", 404, "not_found"),
        ("get", "/api/v1/contacts/not-an-id/invite", 404, "not_found"),
        ("get", "/api/v1/me", 401, "signed_out"),
        ("post", "/api/v1/me", 401, "signed_out"),
    ],
)
def test_unknown_paths_and_signed_out_requests_are_problem_documents(
    db, method, path, status, code
):
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)
    assert answer.json()["code"] == code
