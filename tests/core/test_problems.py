"""Every refusal over HTTP is a problem document."""

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.exceptions import PermissionDenied

from apps.core.errors import RateLimited
from apps.core.problems import MEDIA_TYPE, handle, response


def test_a_refusal_says_what_when_and_in_which_words():
    answer = response(RateLimited(retry_after=0.2))
    assert (answer.status_code, answer["Content-Type"]) == (429, MEDIA_TYPE)
    assert answer["Retry-After"] == "1"
    assert b'"type":"urn:parley:problem:rate_limited"' in answer.content


def test_an_absent_database_is_503_and_changes_nothing():
    answer = handle(OperationalError("away"), {})
    assert (answer.status_code, answer.data.code) == (503, "unavailable")
    assert "away" not in answer.data.detail


def test_errors_of_the_framework_are_problems_too():
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
def test_paths_methods_and_strangers(db, method, path, status, code):
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)
    assert answer.json()["code"] == code
