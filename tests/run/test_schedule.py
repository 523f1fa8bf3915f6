"""What beat starts exists."""

from django.conf import settings

from chatproject.celery import app


def test_workers_know_each_task_of_the_schedule():
    app.loader.import_default_modules()
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked - app.tasks.keys() == set()


def test_scheduled_messages_share_no_thread_with_what_waits_for_other_servers():
    def queue(task):
        route = app.amqp.router.route({}, f"apps.{task}")
        return route["queue"].name

    waiting = ("integrations.tasks.post_commands", "integrations.tasks.send_webhooks")
    assert {queue(task) for task in waiting} == {"push"}
    assert queue("chats.tasks.send_scheduled") == "celery"
