"""Chooses the language of a response."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware import locale
from django.utils import translation


class LocaleMiddleware(locale.LocaleMiddleware):
    """Pages use the language of the person's profile; before sign-in, the browser's.

    The API always uses English, for programs and their authors.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language. Needs the authentication middleware before it."""
        if request.path_info.startswith("/api/"):
            language = settings.LANGUAGE_CODE
        elif request.user.is_authenticated and request.user.locale in dict(settings.LANGUAGES):
            language = request.user.locale
        else:
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
