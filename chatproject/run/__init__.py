"""The supervisor behind `make run`: `python -m chatproject.run`.

Starts PostgreSQL and Valkey from their wheels (unless DATABASE_URL and REDIS_URL name other
servers), prepares the database, and runs the web processes, the Celery workers and beat until it
is asked to stop. Only `release` and `web` import Django, so the supervisor stays small.
"""
