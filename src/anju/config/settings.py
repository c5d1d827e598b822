"""Django's settings, made from the environment alone."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.functional import SimpleLazyObject

from anju.config.environment import read_environment
from anju.foundation.core.keys import read_keys
from anju.foundation.core.postgres.urls import embedded_url

ENVIRONMENT = read_environment()

HOME = ENVIRONMENT.home
PUBLIC_FOLDER = ENVIRONMENT.public_folder
PEAK_URL = ENVIRONMENT.peak_url
SCANNER = ENVIRONMENT.scanner


def _read_secret_key() -> str:
    return read_keys(ENVIRONMENT.home).web.hex()


# Reading settings makes no key and no password: only who needs one does.
SECRET_KEY = SimpleLazyObject(_read_secret_key)
DEBUG = ENVIRONMENT.is_debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "ninja",
    "anju.foundation.core",
    "anju.foundation.ledger",
    "anju.foundation.access",
    "anju.foundation.draws",
    "anju.foundation.policies",
    "anju.foundation.exchange",
    "anju.foundation.casework",
    "anju.foundation.documents",
    "anju.foundation.messages",
    "anju.foundation.notices",
    "anju.resettlement.projects",
    "anju.resettlement.inventory",
    "anju.resettlement.households",
    "anju.resettlement.planning",
    "anju.resettlement.eligibility",
    "anju.resettlement.preferences",
    "anju.resettlement.intake",
    "anju.resettlement.scoring",
    "anju.resettlement.selection",
    "anju.resettlement.rematch",
    "anju.resettlement.negotiation",
    "anju.resettlement.delivery",
    "anju.titles.communities",
    "anju.titles.partners",
    "anju.titles.certificates",
    "anju.titles.legacy",
    "anju.titles.cases",
    "anju.titles.cases.batches",
    "anju.titles.cases.identity",
    "anju.titles.cases.settlements",
    "anju.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "anju.web.compressing.CompressedFilesMiddleware",
    "anju.web.security.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "anju.foundation.access.middleware.ActorMiddleware",
]
ROOT_URLCONF = "anju.config.urls"
WSGI_APPLICATION = "anju.config.wsgi.application"
AUTH_USER_MODEL = "access.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "anju.web.context.tell_page",
            ]
        },
    }
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
_OWN_FILES = ENVIRONMENT.home / "static"
STATIC_ROOT = _OWN_FILES if _OWN_FILES.is_dir() else None
"""Where a city puts static files of its own, before the start; ours come from the packages."""
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.is_https
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = ENVIRONMENT.is_https
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
LOGGING_CONFIG = None


def _database(url: str, *, role: str, migrates: bool = False) -> dict[str, object]:
    """Say where a database is; without ``url`` the embedded server is asked when it is needed."""
    options: dict[str, object] = {}
    if migrates:
        # A migration that would wait behind a day of choosing gives up instead.
        options["options"] = "-c lock_timeout=4s -c statement_timeout=5s"
    told = {
        part: _address_part(url, part) if url else _embedded_part(role, part)
        for part in ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **told,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _embedded_part(role: str, part: str) -> SimpleLazyObject[str]:
    return SimpleLazyObject(lambda: _address_part(embedded_url(HOME, role=role), part))


def _address_part(url: str, part: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "NAME": parts.path.removeprefix("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": query.get("port") or str(parts.port or ""),
    }[part]


DATABASES = {
    "default": _database(ENVIRONMENT.database_url, role="anju_app"),
    "owner": _database(ENVIRONMENT.owner_database_url, role="anju_owner", migrates=True),
    "ledger": _database(ENVIRONMENT.ledger_database_url, role="anju_ledger"),
}
