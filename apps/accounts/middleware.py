"""Which language an answer speaks."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware import locale
from django.utils import translation


class LocaleMiddleware(locale.LocaleMiddleware):
    """Pages speak the language of the person's profile; before sign-in, the browser's.

    What the API says is for programs and those who write them: it stays English.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Runs behind the session's middleware: it asks who is there."""
        if request.path_info.startswith("/api/"):
            language = settings.LANGUAGE_CODE
        elif request.user.is_authenticated and request.user.locale in dict(settings.LANGUAGES):
            language = request.user.locale
        else:
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
