"""Answers below 500 that belong to ordinary use: the operator's log has no warning of them."""

from typing import TypeVar

from django.http import HttpResponse

Response = TypeVar("Response", bound=HttpResponse)


def expected(answer: Response) -> Response:
    """The same answer, marked as `django.request` marks what it has logged. Failures are not."""
    if answer.status_code < 500:
        answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
