"""`celery -A tests.support.short_leases worker`: a worker of pushes and webhooks that waits less
after failures.

What a killed worker had claimed is free after CLAIM_LEASE, a failed push is repeated after
FIRST_RETRY_S.
"""

from datetime import timedelta

import django

from chatproject.celery import app  # noqa: F401  what `-A` names

django.setup()

# Django's apps have to be ready.
from apps.integrations.actions import outgoing_sender  # noqa: E402  # isort: skip
from apps.notifications.actions import payloads, results, sender  # noqa: E402  # isort: skip

CLAIM_LEASE = timedelta(seconds=5)
for _module in (payloads, results, sender):
    _module.CLAIM_LEASE = CLAIM_LEASE  # type: ignore[attr-defined]
outgoing_sender.LEASE = CLAIM_LEASE
# As in the product, shorter than a lease.
sender.SEND_TIMEOUT_S = 4.0
results.FIRST_RETRY_S = 1.0
