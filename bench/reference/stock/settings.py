"""Minimal Django settings, with the same database server and Valkey as the product."""

import os

import environ

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "bench.reference.stock",
]
ROOT_URLCONF = "bench.reference.stock.urls"
# Persistent connections: otherwise it would open a connection for every message.
DATABASES = {
    "default": environ.Env.db_url_config(os.environ["DATABASE_URL"])
    | {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": os.environ["REDIS_URL"],
                    # The layer's blocking reads take five seconds, as long as redis-py's timeout.
                    "socket_timeout": None,
                    # The default of 100 fails when a thousand sockets join a group at once.
                    "max_connections": 10_000,
                }
            ],
            "prefix": "stock",
        },
    }
}
# Creates tables directly from the models.
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "sessions": None, "stock": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_COOKIE_NAME = "stock"
USE_TZ = True
