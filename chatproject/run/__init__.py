"""The whole product under one command: `python -m chatproject.run`.

Starts PostgreSQL and Valkey from their wheels (unless DATABASE_URL and REDIS_URL
name others), prepares the database, and keeps the web processes, the Celery worker
and beat alive until it is told to stop. Everything here but `release` and `web`
works without Django, so that the supervisor itself stays small.
"""
