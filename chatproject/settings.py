"""Django settings. `chatproject/config/table/` declares those that an operator can change."""

import logging
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from apps.core.bounded_connection import BoundedConnection
from apps.core.release import static_release
from apps.wire.limits import MAX_FRAME_BYTES
from chatproject.config import environment, plugins
from chatproject.config.table import SETTINGS
from chatproject.database import client_options, server_options
from chatproject.schedule import ROUTES, SCHEDULE
from chatproject.storage import backup_bucket, object_storage

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

try:
    env = environment.read_all()
    _plugins = plugins.chosen(env["PLUGINS"])
except environment.SettingError as error:
    raise ImproperlyConfigured(str(error)) from None

# Defaults of what administrators may change: code reads these from `apps.core.runtime`.
RUNTIME_SETTINGS = {setting.name: setting for setting in SETTINGS if setting.at_runtime}
RUNTIME_SOURCES = {
    name: environment.text_and_source(setting)[1] for name, setting in RUNTIME_SETTINGS.items()
}
RUNTIME_SETTINGS |= _plugins.settings
RUNTIME_SOURCES |= _plugins.sources
vars().update(_plugins.values)
CONFIG_LOCKED: list[str] = env["CONFIG_LOCKED"]
SECRET_KEY: str = env["SECRET_KEY"]
DEBUG: bool = env["DEBUG"]
PUBLIC_URL: str = env["PUBLIC_URL"]
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname, *env["ALLOWED_HOSTS"]]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES: list[str] = env["TRUSTED_PROXIES"]

INSTALLED_APPS = [
    "chatproject.administration.config.ParleyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "channels",
    "apps.core",
    "apps.wire",
    "apps.accounts",
    "apps.files",
    "apps.emoji",
    "apps.sso",
    "apps.scim",
    "apps.notifications",
    "apps.contacts",
    "apps.graph",
    "apps.chats",
    "apps.moderation",
    "apps.archive",
    "apps.retention",
    "apps.backups",
    "apps.configuration",
    "apps.integrations",
    "apps.realtime",
    "chatproject",  # for its management commands
    *(plugin.path for plugin in _plugins.found),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.core.http_requests.RouteMiddleware",
    "apps.core.wait_budget.WaitBudgetMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.core.rate_limit_headers.RateLimitHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.accounts.middleware.PersonMiddleware",
    "apps.accounts.sign_outs.SignOutMiddleware",
    "apps.accounts.middleware.DeviceUseMiddleware",
    "apps.accounts.middleware.LocaleMiddleware",
    "apps.accounts.middleware.LocalAccountsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.core.refused_pages.RefusedPagesMiddleware",
]

ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- PostgreSQL, the source of truth -------------------------------------------------------------
DATABASES = {"default": environ.Env.db_url_config(env["DATABASE_URL"])}
DATABASE_POOL: int = env["DATABASE_POOL"]
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=0,
    # Checks a pooled connection before use: a restart of PostgreSQL leaves dead ones.
    CONN_HEALTH_CHECKS=True,
)
DATABASE_TIMEOUT: int = env["DATABASE_TIMEOUT"]
# PgBouncer in transaction mode supports neither session options nor prepared statements.
PGBOUNCER: bool = env["PGBOUNCER"]
# Options in DATABASE_URL override these.
_options = client_options() | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["OPTIONS"] = _options
# A timeout in the client, for statements that the server does not end: see BoundedConnection.
BoundedConnection.statement_timeout_s = DATABASE_TIMEOUT + 2.0 if DATABASE_TIMEOUT else None
if DATABASE_TIMEOUT and not PGBOUNCER:
    _options["options"] = (
        f"{server_options(DATABASE_TIMEOUT)} {_options.get('options', '')}".strip()
    )
# Statements are prepared where code asks for it (apps.core.reads), and never by their number.
_options["prepare_threshold"] = None if PGBOUNCER else sys.maxsize
_options["pool"] = {
    "min_size": 1,
    "max_size": DATABASE_POOL,
    # Refusing after three seconds is better than waiting: the client keeps the message.
    "timeout": 3,
    # The pool tries to reconnect for this long, at growing intervals. After that each request
    # starts a new attempt, so the first one after a long outage succeeds.
    "reconnect_timeout": 5,
    "connection_class": BoundedConnection,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis, hints only ---------------------------------------------------------------------------
REDIS_URL: str = env["REDIS_URL"]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "apps.realtime.layer.BatchChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "parley"},
    }
}
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix:")
    else REDIS_URL
)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Enforced by chatproject/watchdog.py: Celery has no time limits in a thread pool.
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "parley:",
    # Kombu has no timeouts by default: a hanging broker would block beat and the workers.
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULER = "chatproject.beat:Scheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE | {
    task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}
    for plugin in _plugins.found
    for task, seconds in plugin.app.schedule.items()
}
CELERY_TASK_ROUTES = ROUTES
# Holds the counters of allauth's rate limits. Not in Redis: sign-in must work without it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        # Far above the default of 300: an attacker who fills the table must not evict the counters.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOCAL_ACCOUNTS: bool = env["LOCAL_ACCOUNTS"]
AUTHENTICATION_BACKENDS: list[str] = []
if env["OIDC_ISSUER"]:
    # Without it, sessions that began at the identity provider end.
    AUTHENTICATION_BACKENDS.append("apps.sso.backend.SsoBackend")
if LOCAL_ACCOUNTS:
    # Without it, sessions that began with a password end, too.
    AUTHENTICATION_BACKENDS.append("allauth.account.auth_backends.AuthenticationBackend")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
REGISTRATION: str = env["REGISTRATION"]
REGISTRATION_DOMAINS: list[str] = env["REGISTRATION_DOMAINS"]
SCIM_TOKEN: str = env["SCIM_TOKEN"]
GRAPH_TENANT: str = env["GRAPH_TENANT"]
GRAPH_CLIENT_ID: str = env["GRAPH_CLIENT_ID"]
GRAPH_CLIENT_SECRET: str = env["GRAPH_CLIENT_SECRET"]
GRAPH_URL: str = env["GRAPH_URL"]
GRAPH_LOGIN_URL: str = env["GRAPH_LOGIN_URL"]
ENDING_DAYS: int = env["ENDING_DAYS"]
DELETION_DAYS: int = env["DELETION_DAYS"]
RETENTION_DAYS: int = env["RETENTION_DAYS"]
EVIDENCE_DAYS: int = env["EVIDENCE_DAYS"]
HELD_DAYS: int = env["HELD_DAYS"]
STAFF_SECOND_FACTOR: bool = env["STAFF_SECOND_FACTOR"]
STAFF_REAUTHENTICATION: int = env["STAFF_REAUTHENTICATION"]
BREAK_GLASS: bool = env["BREAK_GLASS"]
BREAK_GLASS_MAX_HOURS: int = env["BREAK_GLASS_MAX_HOURS"]
BREAK_GLASS_DELAY: int = env["BREAK_GLASS_DELAY"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "apps.sso.adapter.SsoAdapter"
ACCOUNT_FORMS = {"signup": "apps.accounts.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_USERNAME_VALIDATORS = "apps.accounts.models.user.username_validators"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
# An e-mail address belongs to an account once its link was opened. Before that, no response tells
# whether another account has the address.
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
# An IP address may try 30 sign-ins a minute, 10 of them with a wrong password. One account allows 5
# wrong passwords in 5 minutes from one address, or from one device that has signed in to it before;
# and 100 an hour from all addresses together, except such devices (decision 0023). Wrong codes of
# the second factor are limited in the same way, but to 30 an hour: they have six digits.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_anywhere": "100/h/key",
    "code_failed_anywhere": "30/h/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/3m/key",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "apps.accounts.second_factor_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = f"Parley {_public.hostname}"
# An e-mail address that is not confirmed belongs to nobody here, so nobody is locked out by it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "apps.accounts.second_factor_forms.CodeForm",
    "authenticate_webauthn": "apps.accounts.second_factor_forms.PasskeyForm",
    "login_webauthn": "apps.accounts.second_factor_forms.PasskeySignInForm",
    "activate_totp": "apps.accounts.second_factor_forms.ActivateAppForm",
    "add_webauthn": "apps.accounts.second_factor_forms.AddPasskeyForm",
    "edit_webauthn": "apps.accounts.second_factor_forms.RenamePasskeyForm",
}
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_NAME = "parley"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"

# --- Single sign-on ------------------------------------------------------------------------------
OIDC_ISSUER: str = env["OIDC_ISSUER"]
OIDC_CLIENT_ID: str = env["OIDC_CLIENT_ID"]
OIDC_CLIENT_SECRET: str = env["OIDC_CLIENT_SECRET"]
OIDC_NAME: str = env["OIDC_NAME"]
OIDC_ROLES_CLAIM: str = env["OIDC_ROLES_CLAIM"]
OIDC_STAFF_ROLE: str = env["OIDC_STAFF_ROLE"]
OIDC_MODERATOR_ROLE: str = env["OIDC_MODERATOR_ROLE"]
OIDC_SECOND_FACTOR: list[str] = env["OIDC_SECOND_FACTOR"]
OIDC_PROFILE_FOLLOWS: bool = env["OIDC_PROFILE_FOLLOWS"]
OIDC_PICTURE_FOLLOWS: str = env["OIDC_PICTURE_FOLLOWS"]
OIDC_FRONT_CHANNEL_LOGOUT: bool = env["OIDC_FRONT_CHANNEL_LOGOUT"]
OIDC_TIMEOUT: int = env["OIDC_TIMEOUT"]
OIDC_POLL_SECONDS: int = env["OIDC_POLL_SECONDS"]
OIDC_POLL_IDLE_HOURS: int = env["OIDC_POLL_IDLE_HOURS"]
OIDC_APP_CLIENTS: list[str] = env["OIDC_APP_CLIENTS"]
OIDC_APP_DAYS: int = env["OIDC_APP_DAYS"]
OIDC_CA: str = env["OIDC_CA"]
_provider = urlsplit(OIDC_ISSUER)
OIDC_ORIGIN = f"{_provider.scheme}://{_provider.netloc}" if OIDC_ISSUER else ""

# --- Files ---------------------------------------------------------------------------------------
FILES_ROOT = Path(env["FILES_ROOT"] or VAR_DIR / "files")
S3_PUBLIC_URL: str = env["S3_PUBLIC_URL"]
FILE_ORIGINS = [S3_PUBLIC_URL] if S3_PUBLIC_URL else []

# --- HTTP ---------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *FILE_ORIGINS],
        "media-src": [SELF, "blob:", *FILE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, *FILE_ORIGINS],
        "manifest-src": [SELF],
        # The frame of a PDF, which is sandboxed (decision 0055).
        "frame-src": [SELF],
        # Chromium also checks where a form's response redirects to: signing out goes there.
        "form-action": [SELF, *([OIDC_ORIGIN] if OIDC_ORIGIN else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["lit-html", "parley-worker", "parley-service-worker"],
    },
}
# Of pages of libraries: they have inline styles, and assign strings to innerHTML (decision 0028).
LIBRARY_POLICY = {
    name: sources
    for name, sources in CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    if "trusted-types" not in name
} | {"style-src": [SELF, UNSAFE_INLINE]}
_static_folder = Path(env["STATIC_ROOT"] or VAR_DIR / "static")
STATIC_RELEASE = static_release(
    BASE_DIR / "static",
    _static_folder,
    others=[plugin.static_folder for plugin in _plugins.found],
)
STATIC_URL = f"/static/{STATIC_RELEASE}/"
# Each release has a folder of its own: during a rolling restart, pages of two are open.
STATIC_ROOT = _static_folder / STATIC_RELEASE
STATICFILES_DIRS = [BASE_DIR / "static"]
MAX_FILE_MB = env["MAX_FILE_MB"]
FILES_QUOTA_MB = env["FILES_QUOTA_MB"]
STORAGES = {
    # Nothing serves its files to everybody: views decide who gets one.
    "default": object_storage(env, folder=FILES_ROOT),
    "staticfiles": {"BACKEND": "apps.core.static_storage.StaticStorage"},
}
WHITENOISE_MAX_AGE = 31536000
WHITENOISE_USE_FINDERS = DEBUG
# Fonts and character maps of PDF files, and pictures and fonts: compressing them saves little.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "woff2", "bcmap", "pfb", "ttf", "icc"]

REST_FRAMEWORK = {
    # The first one names the scheme in the `WWW-Authenticate` of a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.bearer.BearerAuthentication",
        "apps.core.authentication.ApiSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.accounts.bearer.CoveredByToken",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["apps.core.throttles.ReadThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["apps.wire.http.WireRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.wire.http.AlwaysJson",
    "DEFAULT_PARSER_CLASSES": ["apps.wire.http.WireParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.wire.openapi_schema.WireSchema",
    "EXCEPTION_HANDLER": "apps.core.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
# Tokens of apps (apps.accounts.tokens). Verified with this algorithm and this key only.
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": sha256(f"apps.accounts.tokens:{SECRET_KEY}".encode()).hexdigest(),
    "ISSUER": "parley",
    "AUDIENCE": "parley",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=60),
    "LEEWAY": 0,
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley",
    "DESCRIPTION": "The same actions as the browser client, for apps and scripts.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_PATCH": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVERS": [{"url": PUBLIC_URL}],
}

# --- Words, time, mail, logs ---------------------------------------------------------------------
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
DEFAULT_FROM_EMAIL = env["EMAIL_FROM"] or f"parley@{_public.hostname}"
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

# --- Notifications -------------------------------------------------------------------------------
PUSH_AFTER: int = env["PUSH_AFTER"]
PUSH_CONTENT: bool = env["PUSH_CONTENT"]
PUSH_LEDGER_DAYS: int = env["PUSH_LEDGER_DAYS"]
VAPID_PRIVATE_KEY: str = env["VAPID_PRIVATE_KEY"]
VAPID_CONTACT: str = env["VAPID_CONTACT"]
PUSH_HOSTS: list[str] = env["PUSH_HOSTS"]
PUSH_GATEWAYS = {
    "webpush": "apps.notifications.gateways.webpush.WebPush",
    **env["PUSH_GATEWAYS"],
}
DIGEST: str = env["DIGEST"]
DIGEST_TEXTS: bool = env["DIGEST_TEXTS"]

# --- Parley's own limits -------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_FRAME_BYTES
GROUP_SIZE: int = env["GROUP_SIZE"]
EMOJI_ADDED_BY: str = env["EMOJI_ADDED_BY"]
HISTORY_PAGE: int = env["HISTORY_PAGE"]
SENDS_PER_SECOND: int = env["SENDS_PER_SECOND"]
LIMITS_TIMES: int = env["LIMITS_TIMES"]
NEWCOMER_HOURS: int = env["NEWCOMER_HOURS"]
NEWCOMER_INVITATIONS: int = env["NEWCOMER_INVITATIONS"]
NEWCOMER_GROUPS: int = env["NEWCOMER_GROUPS"]
NEWCOMER_LINK_MESSAGES: int = env["NEWCOMER_LINK_MESSAGES"]
NEWCOMER_SSO: bool = env["NEWCOMER_SSO"]
CONNECTIONS_PER_PERSON: int = env["CONNECTIONS_PER_PERSON"]
# In any minute on average, and as a burst. Counted by each web process.
CONNECTS_PER_SESSION: int = env["CONNECTS_PER_SESSION"]
CONNECTS_PER_ADDRESS: int = env["CONNECTS_PER_ADDRESS"]
LINK_PREVIEWS: bool = env["LINK_PREVIEWS"]
EXTERNAL_COMMANDS: bool = env["EXTERNAL_COMMANDS"]
METRICS_TOKEN: str = env["METRICS_TOKEN"]
WORKER_METRICS_PORT: int = env["WORKER_METRICS_PORT"]
OUTGOING_WEBHOOKS: bool = env["OUTGOING_WEBHOOKS"]
OUTBOUND_ORIGINS: list[str] = env["OUTBOUND_ORIGINS"]

# --- Backups -------------------------------------------------------------------------------------
BACKUP_TO: str = env["BACKUP_TO"]
BACKUP_HOURS: int = env["BACKUP_HOURS"]
BACKUP_KEEP: int = env["BACKUP_KEEP"]
BACKUP_DRILL_DAYS: int = env["BACKUP_DRILL_DAYS"]
BACKUP_RECIPIENTS: list[str] = env["BACKUP_RECIPIENTS"]
BACKUP_IDENTITY: str = env["BACKUP_IDENTITY"]
BACKUP_BUCKET = backup_bucket(env)
# What a backup has of the settings, and which database a drill is beside.
BACKUP_SETTINGS = "chatproject.config.environment.chosen"
DATABASE_URL: str = env["DATABASE_URL"]
