"""Imports what workers and beat import. They are forked from a process that has done so once
(`chatproject.run.forks`): each needs a part of the memory, and no time for it.

Nothing that is imported here may start a thread or open a connection: neither survives a fork.
"""

from importlib import import_module

from chatproject.celery import app

# Django's apps, and the modules of all tasks.
app.loader.import_default_modules()
app.finalize()
# They need the apps.
for name in (
    *("celery.apps.beat", "celery.apps.worker", "celery.bin.celery", "kombu.transport.redis"),
    *("celery.concurrency.thread", "celery.worker.strategy"),
    *("chatproject.beat", "chatproject.health.heartbeats"),
    *("chatproject.worker_drain", "chatproject.worker_log"),
    *("chatproject.worker_metrics", "chatproject.worker_progress"),
):
    import_module(name)
