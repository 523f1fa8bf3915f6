"""What beat starts exists."""

from django.conf import settings

from chatproject.celery import app


def test_workers_know_each_task_of_the_schedule():
    app.loader.import_default_modules()
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked - app.tasks.keys() == set()
