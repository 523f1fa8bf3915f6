"""What is installed, where the server is reached, and what operators have chosen (`env`)."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from chatproject.config import environment, plugins
from chatproject.config.table import SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

try:
    env = environment.read_all()
    plugins_found = plugins.chosen(env["PLUGINS"])
except environment.SettingError as error:
    raise ImproperlyConfigured(str(error)) from None

# Defaults of what administrators may change: code reads these from `apps.core.runtime`.
RUNTIME_SETTINGS = {setting.name: setting for setting in SETTINGS if setting.at_runtime}
RUNTIME_SOURCES = {
    name: environment.text_and_source(setting)[1] for name, setting in RUNTIME_SETTINGS.items()
}
RUNTIME_SETTINGS |= plugins_found.settings
RUNTIME_SOURCES |= plugins_found.sources
vars().update(plugins_found.values)
CONFIG_LOCKED: list[str] = env["CONFIG_LOCKED"]
SECRET_KEY: str = env["SECRET_KEY"]
DEBUG: bool = env["DEBUG"]
PUBLIC_URL: str = env["PUBLIC_URL"]
public_address = urlsplit(PUBLIC_URL)
HTTPS = public_address.scheme == "https"
ALLOWED_HOSTS = [public_address.hostname, *env["ALLOWED_HOSTS"]]
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
    *(plugin.path for plugin in plugins_found.found),
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
