"""Whether this process has been asked to stop, and so takes no new work.

Set by the signal handler of a web process (`chatproject.run.web`) and by Celery's of a worker
(`chatproject.celery`), and never cleared.
"""

from threading import Event

draining = Event()
