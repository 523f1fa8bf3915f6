"""The Celery application: workers and beat run what `tasks.py` of the apps declare."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Nobody waits for a worker's statement: clearing up after a long absence may take a while.
os.environ.setdefault("DATABASE_TIMEOUT", "60")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
