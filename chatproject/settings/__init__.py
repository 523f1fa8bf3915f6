"""Django settings, by subject. `chatproject/config/table/` declares those of operators."""

from chatproject.settings.accounts import *  # sign-in, sessions, single sign-on
from chatproject.settings.api import *  # REST framework, tokens, its documentation
from chatproject.settings.base import *  # addresses, keys, apps, middleware, templates
from chatproject.settings.files import *  # files of people, static files
from chatproject.settings.http import *  # headers, Content-Security-Policy
from chatproject.settings.product import *  # notifications, limits, backups
from chatproject.settings.stores import *  # PostgreSQL, Redis, Celery, the cache
from chatproject.settings.texts import *  # languages, mail, logs
