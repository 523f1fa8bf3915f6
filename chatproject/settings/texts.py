"""Languages and time, mail, logs."""

import logging

import environ

from chatproject.settings.base import BASE_DIR, env, public_address

LANGUAGE_CODE = "en"
# Each language by its own name, so that its speakers find it.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "templates" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["chatproject.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
EMAIL_CONFIG = environ.Env.email_url_config(env["EMAIL_URL"])
vars().update(EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"] == environ.Env.EMAIL_SCHEMES["consolemail"]:
    EMAIL_BACKEND = "chatproject.console.EmailBackend"
elif EMAIL_CONFIG["EMAIL_BACKEND"] == environ.Env.EMAIL_SCHEMES["smtp"]:
    EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = env["EMAIL_FROM"] or f"parley@{public_address.hostname}"
EMAIL_TIMEOUT = 10
SECURITY_CONTACT: str = env["SECURITY_CONTACT"] or f"mailto:{DEFAULT_FROM_EMAIL}"
LOG_LEVEL: str = env["LOG_LEVEL"]
MOTD: str = env["MOTD"]
LOG_FORMAT: str = env["LOG_FORMAT"]
OTEL_EXPORTER_OTLP_ENDPOINT: str = env["OTEL_EXPORTER_OTLP_ENDPOINT"]
TRACES_CONTINUE: bool = env["TRACES_CONTINUE"]
# Warnings of Python, too, are JSON then.
logging.captureWarnings(LOG_FORMAT == "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "apps.core.log_lines.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "apps.core.log_lines.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "filters": {"outages": {"()": "apps.core.database.SkipUnavailable"}},
    "loggers": {
        # At INFO they log the URLs that people send each other.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        # At DEBUG they log what is sent and received: people's files, and signatures of requests.
        "boto3": {"level": "INFO"},
        "botocore": {"level": "INFO"},
        "s3transfer": {"level": "INFO"},
        # apps.core.trace_exporter logs its outages.
        "opentelemetry": {"level": "CRITICAL"},
        # apps.core.outage_log logs the begin and the end of an outage. Lines for each attempt to
        # connect and each refused request would hide these two.
        "psycopg": {"level": "ERROR"},
        "channels_redis.pubsub": {"level": "CRITICAL"},
        "django.request": {"filters": ["outages"]},
    },
}
