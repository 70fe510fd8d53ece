"""Every setting an operator can give, in one table: docs/deployment.md is checked against it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text",
    "secret",
    "flag",
    "number",
    "number or none",
    "list",
    "networks",
    "callers",
    "language",
    "choice",
    "path",
    "rate",
]
LAST_PORT = 65_535


@dataclass(frozen=True)
class Setting:
    name: str
    kind: Kind
    default: str
    meaning: str
    also: tuple[str, ...] = ()
    """Other spellings under which Taiga's own `.env` files know it."""
    choices: tuple[str, ...] = ()
    least: int = 0
    """The smallest number allowed."""
    most: int = 2**31 - 1
    """The largest number allowed."""
    begins: tuple[str, ...] = ()
    """How a text may begin, if it says anything."""


@dataclass(frozen=True)
class Section:
    title: str
    settings: tuple[Setting, ...]


TABLE: tuple[Section, ...] = (
    Section(
        "Where it is served",
        (
            Setting(
                "TAIGA_SITES_SCHEME",
                "choice",
                "http",
                "scheme that browsers use",
                also=("TAIGA_SCHEME",),
                choices=("http", "https"),
            ),
            Setting(
                "TAIGA_SITES_DOMAIN",
                "text",
                "",
                "host that browsers use, with its port if it is not the scheme's own; the address served if not given",
                also=("TAIGA_DOMAIN",),
            ),
            Setting(
                "TAIGA_SUBPATH", "text", "", "path below which everything lives, such as `/taiga`", also=("SUBPATH",)
            ),
            Setting("TAIGA_FRONT_DIR", "path", "", "a prebuilt single-page front to serve at `/`"),
            Setting(
                "TAIGA_TRUSTED_PROXIES",
                "networks",
                "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
                "addresses and networks of proxies whose `X-Forwarded-For` is believed",
            ),
            Setting("TAIGA_ALLOWED_HOSTS", "list", "*", "host names answered to; the others get 400"),
        ),
    ),
    Section(
        "Data and secrets",
        (
            Setting(
                "TAIGA_DATA",
                "path",
                "data",
                "folder of everything that must be backed up: SQLite file, media, secret key",
            ),
            Setting(
                "TAIGA_SECRET_KEY",
                "secret",
                "",
                "signs tokens; made on first start and kept in `TAIGA_DATA/secret_key` if not given",
                also=("SECRET_KEY",),
            ),
            Setting(
                "TAIGA_STORAGE_URL",
                "text",
                "",
                "where media files live: `s3://bucket?endpoint=…`; a folder in `TAIGA_DATA` if not given",
            ),
            Setting(
                "ATTACHMENTS_MAX_AGE",
                "number",
                "3600",
                "seconds for which a signed attachment address is good",
                least=1,
            ),
        ),
    ),
    Section(
        "Database and bus",
        (
            Setting(
                "DATABASE_URL",
                "secret",
                "",
                "`postgres://user:password@host:port/name` or `sqlite:///path`; SQLite in `TAIGA_DATA` if not given",
            ),
            Setting("POSTGRES_HOST", "text", "", "PostgreSQL host or socket folder; switches to PostgreSQL"),
            Setting("POSTGRES_PORT", "number", "5432", "PostgreSQL port", least=1, most=LAST_PORT),
            Setting("POSTGRES_DB", "text", "", "PostgreSQL database; switches to PostgreSQL"),
            Setting("POSTGRES_USER", "text", "taiga", "PostgreSQL user"),
            Setting("POSTGRES_PASSWORD", "secret", "", "PostgreSQL password"),
            Setting(
                "POSTGRES_PREPARE",
                "flag",
                "true",
                "hot queries are prepared on the server; `false` behind a pooler that loses prepared statements",
            ),
            Setting(
                "REDIS_URL",
                "secret",
                "",
                "shared cache, throttle counters and event bus; without it PostgreSQL's LISTEN/NOTIFY, "
                "or memory in a single process",
                begins=("redis://", "rediss://", "unix://"),
            ),
            Setting(
                "EVENTS_DATABASE_URL",
                "secret",
                "",
                "a way to the same PostgreSQL that passes LISTEN on, where `DATABASE_URL` leads to a pooler",
            ),
        ),
    ),
    Section(
        "Process",
        (
            Setting("TAIGA_THREADS", "number", "8", "requests answered at the same time", least=1),
            Setting("TAIGA_STOP_TIMEOUT", "number", "25", "seconds a stop waits for running requests", least=1),
            Setting(
                "TAIGA_LOG_FORMAT", "choice", "console", "lines for people or for machines", choices=("console", "json")
            ),
            Setting(
                "TAIGA_LOG_LEVEL",
                "choice",
                "info",
                "least important message that is logged",
                choices=("debug", "info", "warning", "error"),
            ),
            Setting("DEBUG", "flag", "false", "shows errors to whoever asks: never in production"),
        ),
    ),
    Section(
        "Mail",
        (
            Setting(
                "EMAIL_BACKEND",
                "text",
                "log",
                "`smtp`, `log` (one line for each mail, which is not sent), `console` (the whole mail is printed), "
                "or a dotted Django backend",
            ),
            Setting("EMAIL_FILE_PATH", "path", "", "write mails as files into this folder instead of sending them"),
            Setting(
                "DEFAULT_FROM_EMAIL",
                "text",
                "system@taiga.io",
                "sender of every mail",
                also=("EMAIL_DEFAULT_FROM",),
            ),
            Setting("EMAIL_HOST", "text", "localhost", "SMTP server"),
            Setting("EMAIL_PORT", "number", "587", "SMTP port", least=1, most=LAST_PORT),
            Setting("EMAIL_HOST_USER", "text", "", "SMTP user"),
            Setting("EMAIL_HOST_PASSWORD", "secret", "", "SMTP password"),
            Setting("EMAIL_USE_TLS", "flag", "false", "STARTTLS after connecting"),
            Setting("EMAIL_USE_SSL", "flag", "false", "TLS from the first byte; not together with `EMAIL_USE_TLS`"),
            Setting("EMAIL_TIMEOUT", "number", "20", "seconds to wait for the SMTP server", least=1),
            Setting(
                "CHANGE_NOTIFICATIONS_MIN_INTERVAL",
                "number",
                "0",
                "seconds for which changes of one item are gathered into one mail; 0 sends at once",
            ),
        ),
    ),
    Section(
        "People",
        (
            Setting("PUBLIC_REGISTER_ENABLED", "flag", "false", "anybody may register"),
            Setting("USER_EMAIL_ALLOWED_DOMAINS", "list", "", "only addresses of these domains; all if empty"),
            Setting("PRIVATE_USER_PROFILES", "flag", "false", "profiles are shown to signed-in people only"),
            Setting("ACCESS_TOKEN_LIFETIME", "number", "86400", "seconds an access token is good", least=1),
            Setting("REFRESH_TOKEN_LIFETIME", "number", "691200", "seconds a refresh token is good", least=1),
            Setting(
                "FLUSH_REFRESHED_TOKENS_PERIODICITY",
                "number",
                "259200",
                "seconds between two clean-ups of outdated tokens",
                least=1,
            ),
            Setting("LANGUAGE_CODE", "language", "en-us", "language when nobody says otherwise"),
            Setting(
                "SESSION_COOKIE_SECURE",
                "flag",
                "",
                "admin cookies over https only; as `TAIGA_SITES_SCHEME` if not given",
            ),
            Setting("CSRF_COOKIE_SECURE", "flag", "", "as above, for the admin's forms"),
        ),
    ),
    Section(
        "Limits",
        (
            Setting("MAX_PRIVATE_PROJECTS_PER_USER", "number or none", "", "private projects one person may own"),
            Setting("MAX_PUBLIC_PROJECTS_PER_USER", "number or none", "", "public projects one person may own"),
            Setting("MAX_MEMBERSHIPS_PRIVATE_PROJECTS", "number or none", "", "people in a private project"),
            Setting("MAX_MEMBERSHIPS_PUBLIC_PROJECTS", "number or none", "", "people in a public project"),
            Setting("MAX_PENDING_MEMBERSHIPS", "number or none", "30", "open invitations of a project"),
            Setting("SEARCHES_MAX_RESULTS", "number", "150", "results of a search, for each kind of item", least=1),
        ),
    ),
    Section(
        "Projects",
        (
            Setting("DEFAULT_PROJECT_TEMPLATE", "text", "scrum", "template of projects that name none"),
            Setting(
                "DEFAULT_PROJECT_SLUG_PREFIX", "flag", "false", "a project's address begins with its owner's user name"
            ),
            Setting("EXTRA_BLOCKING_CODES", "list", "", "further reasons to block a project"),
            Setting("EXTRA_ARCHIVED_CODES", "list", "", "further reasons to archive a project"),
            Setting("EXPORTS_TTL", "number", "86400", "seconds an exported project is kept", least=1),
            Setting(
                "MAX_UNZIPPED_DUMP_SIZE",
                "number",
                "2147483648",
                "bytes of a gzipped dump when it is unzipped",
                least=1,
                most=2**63 - 1,
            ),
        ),
    ),
    Section(
        "Webhooks and forges",
        (
            Setting("WEBHOOKS_ENABLED", "flag", "true", "changes are told to the projects' webhooks"),
            Setting(
                "WEBHOOKS_ALLOW_PRIVATE_ADDRESS", "flag", "false", "webhooks may point to loopback and private networks"
            ),
            Setting("WEBHOOKS_ALLOW_REDIRECTS", "flag", "false", "redirects of a webhook's receiver are followed"),
            Setting(
                "OUTBOUND_PROXY",
                "secret",
                "",
                "HTTP proxy for everything this server calls, such as `http://proxy:3128`",
                begins=("http://", "https://"),
            ),
            Setting("GITLAB_VALID_ORIGIN_IPS", "networks", "", "default addresses that GitLab hooks may come from"),
            Setting(
                "BITBUCKET_VALID_ORIGIN_IPS",
                "networks",
                "13.52.5.96/28,13.236.8.224/28,18.184.99.224/28,18.234.32.224/28,18.246.31.224/28,52.215.192.224/28,"
                "104.192.137.240/28,104.192.138.240/28,104.192.140.240/28,104.192.142.240/28,104.192.143.240/28,"
                "185.166.143.240/28,185.166.142.240/28",
                "default addresses that Bitbucket hooks may come from",
            ),
        ),
    ),
    Section(
        "Importers from other trackers",
        (
            Setting("ENABLE_GITHUB_IMPORTER", "flag", "false", "import from GitHub"),
            Setting("GITHUB_IMPORTER_CLIENT_ID", "text", "", "OAuth client of the importer"),
            Setting("GITHUB_IMPORTER_CLIENT_SECRET", "secret", "", "its secret"),
            Setting("ENABLE_TRELLO_IMPORTER", "flag", "false", "import from Trello"),
            Setting("TRELLO_IMPORTER_API_KEY", "text", "", "key of the importer"),
            Setting("TRELLO_IMPORTER_SECRET_KEY", "secret", "", "its secret"),
            Setting("ENABLE_JIRA_IMPORTER", "flag", "false", "import from Jira"),
            Setting("JIRA_IMPORTER_CONSUMER_KEY", "text", "", "consumer key of the importer"),
            Setting("JIRA_IMPORTER_CERT", "secret", "", "private key in PEM form, or the path of its file"),
            Setting("JIRA_IMPORTER_PUB_CERT", "text", "", "public key in PEM form, or the path of its file"),
            Setting("ENABLE_ASANA_IMPORTER", "flag", "false", "import from Asana"),
            Setting("ASANA_IMPORTER_APP_ID", "text", "", "application of the importer"),
            Setting("ASANA_IMPORTER_APP_SECRET", "secret", "", "its secret"),
            Setting("ASANA_IMPORTER_CALLBACK_URL", "text", "", "its callback; the front's address if not given"),
        ),
    ),
    Section(
        "Signing in elsewhere",
        (
            Setting("ENABLE_GITHUB_AUTH", "flag", "false", "sign in with GitHub"),
            Setting("GITHUB_API_CLIENT_ID", "text", "", "OAuth client"),
            Setting("GITHUB_API_CLIENT_SECRET", "secret", "", "its secret"),
            Setting("GITHUB_URL", "text", "https://github.com/", "GitHub's site"),
            Setting("GITHUB_API_URL", "text", "https://api.github.com/", "GitHub's API"),
            Setting("ENABLE_GITLAB_AUTH", "flag", "false", "sign in with GitLab"),
            Setting("GITLAB_API_CLIENT_ID", "text", "", "OAuth client", also=("GITLAB_CLIENT_ID",)),
            Setting("GITLAB_API_CLIENT_SECRET", "secret", "", "its secret", also=("GITLAB_CLIENT_SECRET",)),
            Setting("GITLAB_URL", "text", "https://gitlab.com", "GitLab's site"),
            Setting("GITLAB_ALLOWED_SELF_MANAGED_INSTANCES", "list", "", "further GitLab sites that may be used"),
        ),
    ),
    Section(
        "Throttling",
        (
            Setting("TAIGA_THROTTLE", "flag", "on", "`off` lifts every limit below"),
            Setting("THROTTLE_ANON_READ", "rate", "600/minute", "reads of one address, such as `100/minute`"),
            Setting("THROTTLE_ANON_WRITE", "rate", "300/minute", "writes of one address"),
            Setting("THROTTLE_USER_READ", "rate", "", "reads of one person"),
            Setting("THROTTLE_USER_WRITE", "rate", "", "writes of one person"),
            Setting("THROTTLE_LOGIN_FAIL", "rate", "10/minute 100/hour", "failed log-ins of one address"),
            Setting("THROTTLE_REGISTER_SUCCESS", "rate", "20/hour", "registrations of one address"),
            Setting("THROTTLE_USER_DETAIL", "rate", "", "looks at people, by one address"),
            Setting("THROTTLE_USER_UPDATE", "rate", "60/minute", "changes of one's own account"),
            Setting("THROTTLE_CREATE_MEMBERSHIPS", "rate", "", "invitations of one person"),
            Setting(
                "THROTTLE_ASKED_MAIL",
                "rate",
                "10/minute 60/hour",
                "mails that one person or address asks for: lost passwords, verifications, words to a project's admins",
            ),
            Setting("THROTTLE_IMPORT_MODE", "rate", "", "calls of the import API, by one person"),
            Setting(
                "THROTTLE_IMPORT_DUMP_MODE", "rate", "1/minute", "exports and loads of whole projects, by one person"
            ),
            Setting("THROTTLE_WHITELIST", "callers", "", "user ids, addresses and networks that are not throttled"),
        ),
    ),
    Section(
        "Statistics and feedback",
        (
            Setting("STATS_ENABLED", "flag", "false", "`/stats/system` answers"),
            Setting("STATS_CACHE_TIMEOUT", "number", "3600", "seconds for which statistics are kept"),
            Setting("FEEDBACK_ENABLED", "flag", "true", "people can send feedback"),
            Setting("FEEDBACK_EMAIL", "text", "support@taiga.io", "where feedback goes; nowhere if empty"),
            Setting("FRONT_SITEMAP_ENABLED", "flag", "false", "serves sitemaps of the public projects"),
            Setting("FRONT_SITEMAP_CACHE_TIMEOUT", "number", "86400", "seconds for which sitemaps are kept"),
            Setting("FRONT_SITEMAP_PAGE_SIZE", "number", "25000", "addresses on one sitemap page", least=1),
        ),
    ),
)

OBSOLETE: dict[str, str] = {
    "RABBITMQ_USER": "there is no RabbitMQ here",
    "RABBITMQ_PASS": "there is no RabbitMQ here",
    "RABBITMQ_VHOST": "there is no RabbitMQ here",
    "RABBITMQ_ERLANG_COOKIE": "there is no RabbitMQ here",
    "CELERY_ENABLED": "background work is always on",
    "ENABLE_TELEMETRY": "nothing is ever reported to anybody",
    "ENABLE_SLACK": "not part of this server; use a webhook",
    "WEBSOCKETS_SCHEME": "follows TAIGA_SITES_SCHEME",
}
"""Names in Taiga's own `.env` files that mean nothing here, and why; they are accepted in silence."""

SETTINGS: dict[str, Setting] = {setting.name: setting for section in TABLE for setting in section.settings}
