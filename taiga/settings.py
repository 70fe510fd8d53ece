"""Django's settings, read from the environment and `.env` (configuration/table.py says what can be given)."""

import os
from datetime import timedelta
from pathlib import Path

import django_stubs_ext

from taiga.base.media import storage
from taiga.configuration import database, env, importers, log, mail, secret

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent
GIVEN = env.read(os.environ)

# ── where it is served ──
TAIGA_SITES_SCHEME = GIVEN.text("TAIGA_SITES_SCHEME")
TAIGA_SITES_DOMAIN = GIVEN.text("TAIGA_SITES_DOMAIN") or os.environ.get("TAIGA_SERVED_AT", "localhost:8000")
TAIGA_SUBPATH = "/" + GIVEN.text("TAIGA_SUBPATH").strip("/") if GIVEN.text("TAIGA_SUBPATH").strip("/") else ""
TAIGA_ORIGIN = f"{TAIGA_SITES_SCHEME}://{TAIGA_SITES_DOMAIN}"
TAIGA_URL = TAIGA_ORIGIN + TAIGA_SUBPATH
"""Absolute address of the front, without a slash at its end: mails and payloads begin with it."""
SITES = {
    "api": {"scheme": TAIGA_SITES_SCHEME, "domain": TAIGA_SITES_DOMAIN, "name": "api"},
    "front": {"scheme": TAIGA_SITES_SCHEME, "domain": TAIGA_SITES_DOMAIN, "name": "front"},
}
TAIGA_FRONT_DIR = GIVEN.path("TAIGA_FRONT_DIR")
FORCE_SCRIPT_NAME = TAIGA_SUBPATH or None
ALLOWED_HOSTS = GIVEN.words("TAIGA_ALLOWED_HOSTS")
USE_X_FORWARDED_HOST = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ROOT_URLCONF = "taiga.urls"
APPEND_SLASH = False
DEBUG = GIVEN.flag("DEBUG")

# ── data and secrets ──
TAIGA_DATA = GIVEN.path("TAIGA_DATA") or Path("data").absolute()
SECRET_KEY = secret.key(GIVEN.text("TAIGA_SECRET_KEY"), TAIGA_DATA)
MEDIA_ROOT = TAIGA_DATA / "media"
MEDIA_URL = f"{TAIGA_URL}/media/"
STATIC_URL = f"{TAIGA_SUBPATH}/static/"
TAIGA_STORAGE_URL = GIVEN.text("TAIGA_STORAGE_URL")
STORAGES = {
    "default": storage.storages_setting(TAIGA_STORAGE_URL, TAIGA_DATA),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ATTACHMENTS_MAX_AGE = GIVEN.number("ATTACHMENTS_MAX_AGE")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # of forms without their files; JSON bodies have no limit
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_PERMISSIONS = 0o644

# ── database, cache, bus ──
DATABASES = database.databases(GIVEN, TAIGA_DATA)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = GIVEN.text("REDIS_URL")
EVENTS_DATABASE_URL = GIVEN.text("EVENTS_DATABASE_URL")
CACHES = {
    "default": {
        "BACKEND": "taiga.base.cache.TolerantRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "taiga",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}

# ── process ──
TAIGA_THREADS = GIVEN.number("TAIGA_THREADS")
TAIGA_STOP_TIMEOUT = GIVEN.number("TAIGA_STOP_TIMEOUT")
LOGGING_CONFIG = "taiga.configuration.log.configure"
LOGGING = log.configuration(GIVEN.text("TAIGA_LOG_FORMAT"), GIVEN.text("TAIGA_LOG_LEVEL"))

# ── what it is made of ──
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "drf_spectacular_sidecar",
    "taiga.base",
    "taiga.users",
    "taiga.auth",
    "taiga.changes",
    "taiga.history",
    "taiga.projects",
    "taiga.timeline",
    "taiga.notifications",
    "taiga.events",
    "taiga.webhooks",
    "taiga.transfer",
]
MIDDLEWARE = [
    "taiga.server.middleware.ApiFirst",
    "taiga.server.middleware.AdminSecurity",
    "taiga.server.middleware.AdminFrames",
    "taiga.server.middleware.AdminSessions",
    "taiga.server.middleware.AdminCsrf",
    "taiga.server.middleware.AdminAuthentication",
    "taiga.server.middleware.AdminMessages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

# ── what the dispatcher asks other packages, by name ──
AUTHENTICATE = "taiga.auth.authentication.authenticate"
THROTTLE = "taiga.base.throttling.throttle"
MAIL = "taiga.notifications.mails.queue"
NAMED_FILES = "taiga.projects.queries.files.named"
EVENTS_AUTHENTICATE = "taiga.auth.events.authenticate"
EVENTS_MAY_HEAR = "taiga.projects.listeners.may_hear"

# ── people ──
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "taiga.users.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PUBLIC_REGISTER_ENABLED = GIVEN.flag("PUBLIC_REGISTER_ENABLED")
USER_EMAIL_ALLOWED_DOMAINS = GIVEN.words("USER_EMAIL_ALLOWED_DOMAINS")
PRIVATE_USER_PROFILES = GIVEN.flag("PRIVATE_USER_PROFILES")
ACCESS_TOKEN_LIFETIME = timedelta(seconds=GIVEN.number("ACCESS_TOKEN_LIFETIME"))
REFRESH_TOKEN_LIFETIME = timedelta(seconds=GIVEN.number("REFRESH_TOKEN_LIFETIME"))
CANCEL_TOKEN_LIFETIME = timedelta(days=365)
FLUSH_REFRESHED_TOKENS_PERIODICITY = GIVEN.number("FLUSH_REFRESHED_TOKENS_PERIODICITY")
SESSION_ENGINE = "taiga.auth.session_store"
SESSION_COOKIE_SECURE = GIVEN.flag("SESSION_COOKIE_SECURE", otherwise=TAIGA_SITES_SCHEME == "https")
CSRF_COOKIE_SECURE = GIVEN.flag("CSRF_COOKIE_SECURE", otherwise=TAIGA_SITES_SCHEME == "https")
CSRF_TRUSTED_ORIGINS = [TAIGA_ORIGIN]
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{TAIGA_SUBPATH}/"
ENABLE_GITHUB_AUTH = GIVEN.flag("ENABLE_GITHUB_AUTH")
GITHUB_API_CLIENT_ID = GIVEN.text("GITHUB_API_CLIENT_ID")
GITHUB_API_CLIENT_SECRET = GIVEN.text("GITHUB_API_CLIENT_SECRET")
GITHUB_URL = GIVEN.text("GITHUB_URL")
GITHUB_API_URL = GIVEN.text("GITHUB_API_URL")
ENABLE_GITLAB_AUTH = GIVEN.flag("ENABLE_GITLAB_AUTH")
GITLAB_API_CLIENT_ID = GIVEN.text("GITLAB_API_CLIENT_ID")
GITLAB_API_CLIENT_SECRET = GIVEN.text("GITLAB_API_CLIENT_SECRET")
GITLAB_URL = GIVEN.text("GITLAB_URL")
GITLAB_ALLOWED_SELF_MANAGED_INSTANCES = GIVEN.words("GITLAB_ALLOWED_SELF_MANAGED_INSTANCES")
LOGIN_TYPES = {
    "normal": "taiga.auth.services.logins.normal",
    **({"github": "taiga.auth.services.forges.github"} if ENABLE_GITHUB_AUTH and PUBLIC_REGISTER_ENABLED else {}),
    **({"gitlab": "taiga.auth.services.forges.gitlab"} if ENABLE_GITLAB_AUTH and PUBLIC_REGISTER_ENABLED else {}),
}
"""What may be sent as `type` when logging in, and who turns it into a user."""

# ── language and time ──
LANGUAGE_CODE = GIVEN.text("LANGUAGE_CODE")
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = [
    ("ar", "العربية\u200f"),
    ("ca", "Català"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("en", "English (US)"),
    ("es", "Español"),
    ("eu", "Euskara"),
    ("fa", "فارسی\u200f"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("he", "עברית\u200f"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("lv", "Latviešu"),
    ("nb", "Norsk (bokmål)"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt-br", "Português (Brasil)"),
    ("ru", "Русский"),
    ("sr", "Српски"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("vi", "Tiếng Việt"),
    ("zh-hans", "中文(简体)"),
    ("zh-hant", "中文(香港)"),
]
LANGUAGES_BIDI = ["ar", "fa", "he"]
USE_TZ = True
TIME_ZONE = "UTC"

# ── mail ──
EMAIL_BACKEND = mail.backend(GIVEN)
EMAIL_FILE_PATH = GIVEN.path("EMAIL_FILE_PATH")
EMAIL_HOST = GIVEN.text("EMAIL_HOST")
EMAIL_PORT = GIVEN.number("EMAIL_PORT")
EMAIL_HOST_USER = GIVEN.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = GIVEN.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = GIVEN.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = GIVEN.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = GIVEN.number("EMAIL_TIMEOUT")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = GIVEN.text("DEFAULT_FROM_EMAIL")
CHANGE_NOTIFICATIONS_MIN_INTERVAL = GIVEN.number("CHANGE_NOTIFICATIONS_MIN_INTERVAL")

# ── projects and their limits ──
DEFAULT_PROJECT_TEMPLATE = GIVEN.text("DEFAULT_PROJECT_TEMPLATE")
DEFAULT_PROJECT_SLUG_PREFIX = GIVEN.flag("DEFAULT_PROJECT_SLUG_PREFIX")
EXTRA_BLOCKING_CODES = GIVEN.words("EXTRA_BLOCKING_CODES")
EXTRA_ARCHIVED_CODES = GIVEN.words("EXTRA_ARCHIVED_CODES")
EXPORTS_TTL = GIVEN.number("EXPORTS_TTL")
MAX_UNZIPPED_DUMP_SIZE = GIVEN.number("MAX_UNZIPPED_DUMP_SIZE")
MAX_PRIVATE_PROJECTS_PER_USER = GIVEN.number_or_none("MAX_PRIVATE_PROJECTS_PER_USER")
MAX_PUBLIC_PROJECTS_PER_USER = GIVEN.number_or_none("MAX_PUBLIC_PROJECTS_PER_USER")
MAX_MEMBERSHIPS_PRIVATE_PROJECTS = GIVEN.number_or_none("MAX_MEMBERSHIPS_PRIVATE_PROJECTS")
MAX_MEMBERSHIPS_PUBLIC_PROJECTS = GIVEN.number_or_none("MAX_MEMBERSHIPS_PUBLIC_PROJECTS")
MAX_PENDING_MEMBERSHIPS = GIVEN.number_or_none("MAX_PENDING_MEMBERSHIPS")
SEARCHES_MAX_RESULTS = GIVEN.number("SEARCHES_MAX_RESULTS")

# ── other programs ──
WEBHOOKS_ENABLED = GIVEN.flag("WEBHOOKS_ENABLED")
WEBHOOKS_ALLOW_PRIVATE_ADDRESS = GIVEN.flag("WEBHOOKS_ALLOW_PRIVATE_ADDRESS")
WEBHOOKS_ALLOW_REDIRECTS = GIVEN.flag("WEBHOOKS_ALLOW_REDIRECTS")
OUTBOUND_PROXY = GIVEN.text("OUTBOUND_PROXY")
GITLAB_VALID_ORIGIN_IPS = GIVEN.words("GITLAB_VALID_ORIGIN_IPS")
BITBUCKET_VALID_ORIGIN_IPS = GIVEN.words("BITBUCKET_VALID_ORIGIN_IPS")
IMPORTERS = {
    "github": {
        "active": GIVEN.flag("ENABLE_GITHUB_IMPORTER"),
        "client_id": GIVEN.text("GITHUB_IMPORTER_CLIENT_ID"),
        "client_secret": GIVEN.text("GITHUB_IMPORTER_CLIENT_SECRET"),
    },
    "trello": {
        "active": GIVEN.flag("ENABLE_TRELLO_IMPORTER"),
        "api_key": GIVEN.text("TRELLO_IMPORTER_API_KEY"),
        "secret_key": GIVEN.text("TRELLO_IMPORTER_SECRET_KEY"),
    },
    "jira": {
        "active": GIVEN.flag("ENABLE_JIRA_IMPORTER"),
        "consumer_key": GIVEN.text("JIRA_IMPORTER_CONSUMER_KEY"),
        "cert": GIVEN.text("JIRA_IMPORTER_CERT"),
        "pub_cert": GIVEN.text("JIRA_IMPORTER_PUB_CERT"),
    },
    "asana": {
        "active": GIVEN.flag("ENABLE_ASANA_IMPORTER"),
        "callback_url": GIVEN.text("ASANA_IMPORTER_CALLBACK_URL") or f"{TAIGA_URL}/project/new/import/asana",
        "app_id": GIVEN.text("ASANA_IMPORTER_APP_ID"),
        "app_secret": GIVEN.text("ASANA_IMPORTER_APP_SECRET"),
    },
}
TAIGA_WARNINGS = [*GIVEN.warnings, *importers.warnings(IMPORTERS)]
"""What the operator wrote that can't have the effect he hopes for; told at the start and by the doctor."""

# ── throttling ──
TAIGA_THROTTLE = GIVEN.flag("TAIGA_THROTTLE")
THROTTLE_RATES = {
    "anon-read": GIVEN.words("THROTTLE_ANON_READ"),
    "anon-write": GIVEN.words("THROTTLE_ANON_WRITE"),
    "user-read": GIVEN.words("THROTTLE_USER_READ"),
    "user-write": GIVEN.words("THROTTLE_USER_WRITE"),
    "login-fail": GIVEN.words("THROTTLE_LOGIN_FAIL"),
    "register-success": GIVEN.words("THROTTLE_REGISTER_SUCCESS"),
    "user-detail": GIVEN.words("THROTTLE_USER_DETAIL"),
    "user-update": GIVEN.words("THROTTLE_USER_UPDATE"),
    "create-memberships": GIVEN.words("THROTTLE_CREATE_MEMBERSHIPS"),
    "asked-mail": GIVEN.words("THROTTLE_ASKED_MAIL"),
    "import-mode": GIVEN.words("THROTTLE_IMPORT_MODE"),
    "import-dump-mode": GIVEN.words("THROTTLE_IMPORT_DUMP_MODE"),
}
"""For each scope its rates, such as ["10/second", "100/minute"]; none means no limit."""
THROTTLE_WHITELIST = GIVEN.words("THROTTLE_WHITELIST")
TAIGA_TRUSTED_PROXIES = GIVEN.words("TAIGA_TRUSTED_PROXIES")

# ── statistics, feedback, search engines ──
STATS_ENABLED = GIVEN.flag("STATS_ENABLED")
STATS_CACHE_TIMEOUT = GIVEN.number("STATS_CACHE_TIMEOUT")
FEEDBACK_ENABLED = GIVEN.flag("FEEDBACK_ENABLED")
FEEDBACK_EMAIL = GIVEN.text("FEEDBACK_EMAIL")
FRONT_SITEMAP_ENABLED = GIVEN.flag("FRONT_SITEMAP_ENABLED")
FRONT_SITEMAP_CACHE_TIMEOUT = GIVEN.number("FRONT_SITEMAP_CACHE_TIMEOUT")
FRONT_SITEMAP_PAGE_SIZE = GIVEN.number("FRONT_SITEMAP_PAGE_SIZE")

# ── what follows from every recorded change; read it like MIDDLEWARE ──
CHANGE_EFFECTS: dict[str, list[str]] = {
    "before a deletion is stored": ["taiga.timeline.effects.remember", "taiga.webhooks.effects.remember"],
    "before it is stored": ["taiga.projects.services.labels.name_what_changed", "taiga.timeline.effects.count"],
    "in the same transaction": ["taiga.timeline.effects.write", "taiga.notifications.effects.ring"],
    "right after the commit": ["taiga.events.effects.broadcast"],
    "in a worker": ["taiga.notifications.effects.tell", "taiga.webhooks.effects.deliver"],
    "when rows were reordered": ["taiga.events.effects.announce"],
    "when rights changed": ["taiga.events.effects.ask_again"],
}
WORKER_LANES = [
    [
        "taiga.changes.outbox.tell",
        "taiga.webhooks.services.pool.send_due",
        "taiga.notifications.services.notices.send_due",
        "taiga.timeline.services.activity.recount_hourly",
        "taiga.auth.tokens.delete_expired_periodically",
        "taiga.webhooks.services.deliveries.delete_old_hourly",
        "taiga.base.media.storage.sweep_hourly",
    ],
    ["taiga.base.jobs.run_one"],
    ["taiga.notifications.services.outgoing.send_due"],
]
"""Work that is done after the answer, sooner or later. A thread for each lane: jobs may take long, and a mail server
may keep one waiting.
"""
