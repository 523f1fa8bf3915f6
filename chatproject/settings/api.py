"""The API and its documentation, and the tokens of apps."""

from datetime import timedelta
from hashlib import sha256

from chatproject.settings.base import PUBLIC_URL, SECRET_KEY

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
