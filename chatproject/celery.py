"""The Celery application: workers and beat run what `tasks.py` of the apps declare."""

import os

from celery import Celery
from celery.signals import worker_init

from chatproject.watchdog import Watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Nobody waits for a worker's statement: clearing up after a long absence may take a while.
os.environ.setdefault("DATABASE_TIMEOUT", "60")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _prepare_worker(**_: object) -> None:
    from chatproject import worker_log  # no other process needs Celery's worker

    worker_log.install()
    Watchdog(app.conf.task_time_limit).start()
