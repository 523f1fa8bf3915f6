"""Accounts, sign-in, sessions, and single sign-on."""

from urllib.parse import urlsplit

from chatproject.settings.base import HTTPS, env, public_address

AUTH_USER_MODEL = "accounts.User"
LOCAL_ACCOUNTS: bool = env["LOCAL_ACCOUNTS"]
AUTHENTICATION_BACKENDS: list[str] = []
if env["OIDC_ISSUER"]:
    # Without it, sessions that began at the identity provider end.
    AUTHENTICATION_BACKENDS.append("apps.sso.backend.SsoBackend")
if LOCAL_ACCOUNTS:
    # Without it, sessions that began with a password end, too.
    AUTHENTICATION_BACKENDS.append("allauth.account.auth_backends.AuthenticationBackend")
PASSWORD_HASHERS = ["apps.accounts.password_hasher.PasswordHasher"]
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
ACCOUNT_FORMS = {
    "signup": "apps.accounts.forms.SignupForm",
    "change_password": "apps.accounts.forms.ChangePasswordForm",
    "set_password": "apps.accounts.forms.SetPasswordForm",
    "reset_password_from_key": "apps.accounts.forms.ResetPasswordKeyForm",
}
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
ACCOUNT_DEFAULT_HTTP_PROTOCOL = public_address.scheme
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
MFA_TOTP_ISSUER = f"Parley {public_address.hostname}"
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
