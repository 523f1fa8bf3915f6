"""The Celery application. Workers and beat run the tasks that the apps declare in `tasks.py`."""

import os

from celery import Celery
from celery.signals import task_prerun, worker_init

from chatproject.config import environment
from chatproject.watchdog import Watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# No person waits for a worker's statement, and deleting much old data may take a while.
environment.set_default("DATABASE_TIMEOUT", "60", source="worker")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _prepare_worker(**_: object) -> None:
    from chatproject import worker_log  # no other process needs Celery's worker

    worker_log.install()
    Watchdog(app.conf.task_time_limit).start()


@task_prerun.connect
def _follow_settings(**_: object) -> None:
    from apps.core import runtime  # Django's settings have to be there first

    runtime.refresh_if_due()
