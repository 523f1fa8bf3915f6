"""The Celery application. Workers and beat run the tasks that the apps declare in `tasks.py`."""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    before_task_publish,
    task_prerun,
    worker_init,
    worker_shutdown,
    worker_shutting_down,
)
from django.conf import settings

from apps.core.log_lines import JsonFormatter, WithoutDetails
from apps.core.tracing import tracing
from chatproject.config import environment
from chatproject.watchdog import Watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# No person waits for a worker's statement, and deleting much old data may take a while.
environment.set_default("DATABASE_TIMEOUT", "60", source="worker")
# Celery would run Django's checks at each start, and ignore what they find. They load every view:
# half of the processor time of the start, and a quarter of a worker's memory.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("parley", amqp="chatproject.broker:BrokerAccess")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@before_task_publish.connect
def _write_time(*, headers: dict[str, Any], **_: object) -> None:
    """For `apps.core.task_queues`, which tells how long the task has waited."""
    headers["queued_at"] = time.time()


@worker_init.connect
def _prepare_worker(**_: object) -> None:
    from chatproject import (  # no other process needs Celery's worker
        worker_log,
        worker_metrics,
        worker_progress,
    )
    from chatproject.health import heartbeats

    heartbeats.follow_tasks()
    worker_progress.follow_tasks(list(app.amqp.queues.consume_from))
    tracing.start("parley-worker", settings.OTEL_EXPORTER_OTLP_ENDPOINT)
    worker_log.install()
    worker_metrics.start()
    Watchdog(app.conf.task_time_limit).start()


@worker_shutting_down.connect
def _drain_worker(**_: object) -> None:
    from chatproject import worker_drain

    worker_drain.begin()


@worker_shutdown.connect
def _send_last_traces(**_: object) -> None:
    tracing.stop()


@after_setup_logger.connect
@after_setup_task_logger.connect
def _leave_out_details(logger: logging.Logger, **_: object) -> None:
    """Celery has formats of its own."""
    for handler in logger.handlers:
        if settings.LOG_FORMAT == "json":
            handler.setFormatter(JsonFormatter())
        elif handler.formatter and not isinstance(handler.formatter, WithoutDetails):
            handler.setFormatter(WithoutDetails(handler.formatter))


@task_prerun.connect
def _follow_settings(**_: object) -> None:
    from apps.core import runtime  # Django's settings have to be there first

    runtime.refresh_if_due()
