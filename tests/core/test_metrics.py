"""/metrics: readable by Prometheus only."""

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.notifications.models import Push
from tests.support.people import direct_chat

pytestmark = pytest.mark.django_db
TOKEN = "a token of the operator's"


def families(text):
    """The families of a response, by name."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def scraped(**request):
    answer = Client().get("/metrics", **request)
    if answer.status_code != 200:
        return answer.status_code
    return {
        (one.name, *one.labels.values()): one.value
        for family in families(answer.content.decode()).values()
        for one in family.samples
    }


def test_local_programs_can_read_the_counts_of_pushes(alice, bob):
    chat = direct_chat(alice, bob)
    Push.objects.create(
        user=bob,
        chat_id=chat,
        first_seq=1,
        last_seq=1,
        state="skipped",
        reason="muted",
        open=False,
        **dict.fromkeys(("created_at", "due_at", "newest_due_at"), timezone.now()),
    )
    found = scraped(REMOTE_ADDR="127.0.0.1")
    assert found["parley_pushes", "skipped"] == 1
    assert found["parley_pushes", "sent"] == 0
    assert found["parley_sync_spans_compared_total",] >= 0
    assert found["parley_sync_spans_mismatched_total",] >= 0


@pytest.mark.parametrize(
    "request_",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_other_clients_get_404(request_):
    assert scraped(**request_) == 404


def test_with_a_token_set_only_requests_with_it_are_answered(settings):
    settings.METRICS_TOKEN = TOKEN
    assert scraped(REMOTE_ADDR="127.0.0.1") == 404
    assert scraped(REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer another") == 404
    shown = scraped(REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert ("parley_pushes", "sent") in shown
