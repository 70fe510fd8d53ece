"""The table of all settings. docs/deployment.md is checked against it."""

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
    """Other names, which Taiga's own `.env` files use."""
    choices: tuple[str, ...] = ()
    least: int = 0
    """The smallest number allowed."""
    most: int = 2**31 - 1
    """The largest number allowed."""
    begins: tuple[str, ...] = ()
    """The prefixes that a text may have, if it is not empty."""


@dataclass(frozen=True)
class Section:
    title: str
    settings: tuple[Setting, ...]


TABLE: tuple[Section, ...] = (
    Section(
        "Public address",
        (
            Setting(
                "TAIGA_SITES_SCHEME",
                "choice",
                "http",
                "URL scheme that browsers use",
                also=("TAIGA_SCHEME",),
                choices=("http", "https"),
            ),
            Setting(
                "TAIGA_SITES_DOMAIN",
                "text",
                "",
                "host that browsers use, with the port unless it is the scheme's default; if unset, the listen address",
                also=("TAIGA_DOMAIN",),
            ),
            Setting("TAIGA_SUBPATH", "text", "", "path prefix for all URLs, such as `/taiga`", also=("SUBPATH",)),
            Setting("TAIGA_FRONT_DIR", "path", "", "folder of a prebuilt web front to serve at `/`"),
            Setting(
                "TAIGA_TRUSTED_PROXIES",
                "networks",
                "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
                "addresses and networks of proxies whose `X-Forwarded-For` header is trusted",
            ),
            Setting("TAIGA_ALLOWED_HOSTS", "list", "*", "accepted host names; requests for any other get 400"),
        ),
    ),
    Section(
        "Data and secrets",
        (
            Setting(
                "TAIGA_DATA",
                "path",
                "data",
                "data folder, holding everything to back up: SQLite database, media files, secret key",
            ),
            Setting(
                "TAIGA_SECRET_KEY",
                "secret",
                "",
                "key that signs tokens; if unset, generated on first start and stored in `TAIGA_DATA/secret_key`",
                also=("SECRET_KEY",),
            ),
            Setting(
                "TAIGA_STORAGE_URL",
                "text",
                "",
                "media storage: `s3://bucket?endpoint=…` or `file:///folder`; if unset, a folder in `TAIGA_DATA`",
            ),
            Setting(
                "ATTACHMENTS_MAX_AGE",
                "number",
                "3600",
                "lifetime of a signed attachment URL, in seconds",
                least=1,
            ),
        ),
    ),
    Section(
        "Database and event bus",
        (
            Setting(
                "DATABASE_URL",
                "secret",
                "",
                "`postgres://user:password@host:port/name` or `sqlite:///path`; if unset, SQLite in `TAIGA_DATA`",
            ),
            Setting("POSTGRES_HOST", "text", "", "PostgreSQL host or socket folder; selects PostgreSQL"),
            Setting("POSTGRES_PORT", "number", "5432", "PostgreSQL port", least=1, most=LAST_PORT),
            Setting("POSTGRES_DB", "text", "", "PostgreSQL database; selects PostgreSQL"),
            Setting("POSTGRES_USER", "text", "taiga", "PostgreSQL user"),
            Setting("POSTGRES_PASSWORD", "secret", "", "PostgreSQL password"),
            Setting(
                "POSTGRES_PREPARE",
                "flag",
                "true",
                "use server-side prepared statements for frequent queries; `false` behind a pooler that loses them",
            ),
            Setting(
                "REDIS_URL",
                "secret",
                "",
                "Redis for the shared cache, throttle counters and event bus; if unset, the bus is PostgreSQL's "
                "LISTEN/NOTIFY, or memory in a single process",
                begins=("redis://", "rediss://", "unix://"),
            ),
            Setting(
                "EVENTS_DATABASE_URL",
                "secret",
                "",
                "direct connection to the same PostgreSQL for LISTEN, if `DATABASE_URL` points to a pooler",
            ),
        ),
    ),
    Section(
        "Process",
        (
            Setting("TAIGA_THREADS", "number", "8", "number of threads that handle requests", least=1),
            Setting(
                "TAIGA_STOP_TIMEOUT", "number", "25", "seconds that a shutdown waits for running requests", least=1
            ),
            Setting(
                "TAIGA_LOG_FORMAT",
                "choice",
                "console",
                "log format: readable text or JSON",
                choices=("console", "json"),
            ),
            Setting(
                "TAIGA_LOG_LEVEL",
                "choice",
                "info",
                "minimum level of logged messages",
                choices=("debug", "info", "warning", "error"),
            ),
            Setting("DEBUG", "flag", "false", "show error details to every client; never use in production"),
        ),
    ),
    Section(
        "Mail",
        (
            Setting(
                "EMAIL_BACKEND",
                "text",
                "log",
                "`smtp`, `log` (log one line per mail, do not send it), `console` (print the whole mail), "
                "or the dotted path of a Django backend",
            ),
            Setting("EMAIL_FILE_PATH", "path", "", "write mails as files to this folder instead of sending them"),
            Setting(
                "DEFAULT_FROM_EMAIL",
                "text",
                "system@taiga.io",
                "sender address of all mails",
                also=("EMAIL_DEFAULT_FROM",),
            ),
            Setting("EMAIL_HOST", "text", "localhost", "SMTP server"),
            Setting("EMAIL_PORT", "number", "587", "SMTP port", least=1, most=LAST_PORT),
            Setting("EMAIL_HOST_USER", "text", "", "SMTP user"),
            Setting("EMAIL_HOST_PASSWORD", "secret", "", "SMTP password"),
            Setting("EMAIL_USE_TLS", "flag", "false", "use STARTTLS after connecting"),
            Setting("EMAIL_USE_SSL", "flag", "false", "use implicit TLS; mutually exclusive with `EMAIL_USE_TLS`"),
            Setting("EMAIL_TIMEOUT", "number", "20", "timeout for the SMTP server, in seconds", least=1),
            Setting(
                "CHANGE_NOTIFICATIONS_MIN_INTERVAL",
                "number",
                "0",
                "seconds over which changes of one item are collected into one mail; 0 sends immediately",
            ),
        ),
    ),
    Section(
        "Users and sessions",
        (
            Setting("PUBLIC_REGISTER_ENABLED", "flag", "false", "allow public registration"),
            Setting("USER_EMAIL_ALLOWED_DOMAINS", "list", "", "allowed domains of e-mail addresses; empty allows all"),
            Setting("PRIVATE_USER_PROFILES", "flag", "false", "show profiles to signed-in users only"),
            Setting("ACCESS_TOKEN_LIFETIME", "number", "86400", "lifetime of an access token, in seconds", least=1),
            Setting("REFRESH_TOKEN_LIFETIME", "number", "691200", "lifetime of a refresh token, in seconds", least=1),
            Setting(
                "FLUSH_REFRESHED_TOKENS_PERIODICITY",
                "number",
                "259200",
                "interval between clean-ups of expired tokens, in seconds",
                least=1,
            ),
            Setting("LANGUAGE_CODE", "language", "en-us", "default language"),
            Setting(
                "SESSION_COOKIE_SECURE",
                "flag",
                "",
                "send the admin site's session cookie over HTTPS only; if unset, follows `TAIGA_SITES_SCHEME`",
            ),
            Setting("CSRF_COOKIE_SECURE", "flag", "", "the same for the admin site's CSRF cookie"),
        ),
    ),
    Section(
        "Limits",
        (
            Setting(
                "MAX_PRIVATE_PROJECTS_PER_USER", "number or none", "", "maximum number of private projects per owner"
            ),
            Setting(
                "MAX_PUBLIC_PROJECTS_PER_USER", "number or none", "", "maximum number of public projects per owner"
            ),
            Setting(
                "MAX_MEMBERSHIPS_PRIVATE_PROJECTS",
                "number or none",
                "",
                "maximum number of members of a private project",
            ),
            Setting(
                "MAX_MEMBERSHIPS_PUBLIC_PROJECTS", "number or none", "", "maximum number of members of a public project"
            ),
            Setting(
                "MAX_PENDING_MEMBERSHIPS", "number or none", "30", "maximum number of pending invitations per project"
            ),
            Setting(
                "SEARCHES_MAX_RESULTS", "number", "150", "maximum number of search results per kind of item", least=1
            ),
        ),
    ),
    Section(
        "Projects",
        (
            Setting(
                "DEFAULT_PROJECT_TEMPLATE", "text", "scrum", "slug of the template for projects created without one"
            ),
            Setting(
                "DEFAULT_PROJECT_SLUG_PREFIX", "flag", "false", "prefix a project's slug with its owner's user name"
            ),
            Setting("EXTRA_BLOCKING_CODES", "list", "", "additional codes (reasons) for blocking a project"),
            Setting("EXTRA_ARCHIVED_CODES", "list", "", "additional codes (reasons) for archiving a project"),
            Setting("EXPORTS_TTL", "number", "86400", "seconds that an export is kept", least=1),
            Setting(
                "MAX_UNZIPPED_DUMP_SIZE",
                "number",
                "2147483648",
                "maximum uncompressed size of a gzipped dump, in bytes",
                least=1,
                most=2**63 - 1,
            ),
        ),
    ),
    Section(
        "Webhooks and repository hooks",
        (
            Setting("WEBHOOKS_ENABLED", "flag", "true", "send changes to the projects' webhooks"),
            Setting(
                "WEBHOOKS_ALLOW_PRIVATE_ADDRESS", "flag", "false", "allow webhook URLs in loopback and private networks"
            ),
            Setting("WEBHOOKS_ALLOW_REDIRECTS", "flag", "false", "follow redirects from webhook receivers"),
            Setting(
                "OUTBOUND_PROXY",
                "secret",
                "",
                "HTTP proxy for all outbound requests, such as `http://proxy:3128`",
                begins=("http://", "https://"),
            ),
            Setting("GITLAB_VALID_ORIGIN_IPS", "networks", "", "default source addresses allowed for GitLab hooks"),
            Setting(
                "BITBUCKET_VALID_ORIGIN_IPS",
                "networks",
                "13.52.5.96/28,13.236.8.224/28,18.184.99.224/28,18.234.32.224/28,18.246.31.224/28,52.215.192.224/28,"
                "104.192.137.240/28,104.192.138.240/28,104.192.140.240/28,104.192.142.240/28,104.192.143.240/28,"
                "185.166.143.240/28,185.166.142.240/28",
                "default source addresses allowed for Bitbucket hooks",
            ),
        ),
    ),
    Section(
        "Importers from other trackers",
        (
            Setting("ENABLE_GITHUB_IMPORTER", "flag", "false", "enable imports from GitHub"),
            Setting("GITHUB_IMPORTER_CLIENT_ID", "text", "", "OAuth client ID"),
            Setting("GITHUB_IMPORTER_CLIENT_SECRET", "secret", "", "OAuth client secret"),
            Setting("ENABLE_TRELLO_IMPORTER", "flag", "false", "enable imports from Trello"),
            Setting("TRELLO_IMPORTER_API_KEY", "text", "", "API key"),
            Setting("TRELLO_IMPORTER_SECRET_KEY", "secret", "", "API secret"),
            Setting("ENABLE_JIRA_IMPORTER", "flag", "false", "enable imports from Jira"),
            Setting("JIRA_IMPORTER_CONSUMER_KEY", "text", "", "OAuth consumer key"),
            Setting("JIRA_IMPORTER_CERT", "secret", "", "private key in PEM format, or the path to its file"),
            Setting("JIRA_IMPORTER_PUB_CERT", "text", "", "public key in PEM format, or the path to its file"),
            Setting("ENABLE_ASANA_IMPORTER", "flag", "false", "enable imports from Asana"),
            Setting("ASANA_IMPORTER_APP_ID", "text", "", "OAuth application ID"),
            Setting("ASANA_IMPORTER_APP_SECRET", "secret", "", "OAuth application secret"),
            Setting(
                "ASANA_IMPORTER_CALLBACK_URL",
                "text",
                "",
                "OAuth callback URL; if unset, the matching page of the web front",
            ),
        ),
    ),
    Section(
        "Sign-in with GitHub and GitLab",
        (
            Setting(
                "ENABLE_GITHUB_AUTH", "flag", "false", "enable sign-in with GitHub; needs `PUBLIC_REGISTER_ENABLED`"
            ),
            Setting("GITHUB_API_CLIENT_ID", "text", "", "OAuth client ID"),
            Setting("GITHUB_API_CLIENT_SECRET", "secret", "", "OAuth client secret"),
            Setting("GITHUB_URL", "text", "https://github.com/", "base URL of GitHub"),
            Setting("GITHUB_API_URL", "text", "https://api.github.com/", "base URL of GitHub's API"),
            Setting(
                "ENABLE_GITLAB_AUTH", "flag", "false", "enable sign-in with GitLab; needs `PUBLIC_REGISTER_ENABLED`"
            ),
            Setting("GITLAB_API_CLIENT_ID", "text", "", "OAuth client ID", also=("GITLAB_CLIENT_ID",)),
            Setting("GITLAB_API_CLIENT_SECRET", "secret", "", "OAuth client secret", also=("GITLAB_CLIENT_SECRET",)),
            Setting("GITLAB_URL", "text", "https://gitlab.com", "base URL of GitLab"),
            Setting(
                "GITLAB_ALLOWED_SELF_MANAGED_INSTANCES",
                "list",
                "",
                "additional GitLab sites that users may sign in with",
            ),
        ),
    ),
    Section(
        "Throttling",
        (
            Setting("TAIGA_THROTTLE", "flag", "on", "`off` disables all rate limits below"),
            Setting(
                "THROTTLE_ANON_READ",
                "rate",
                "600/minute",
                "anonymous read requests per client address, such as `100/minute`",
            ),
            Setting("THROTTLE_ANON_WRITE", "rate", "300/minute", "anonymous write requests per client address"),
            Setting("THROTTLE_USER_READ", "rate", "", "read requests per user"),
            Setting("THROTTLE_USER_WRITE", "rate", "", "write requests per user"),
            Setting("THROTTLE_LOGIN_FAIL", "rate", "10/minute 100/hour", "failed logins per client address"),
            Setting("THROTTLE_REGISTER_SUCCESS", "rate", "20/hour", "registrations per client address"),
            Setting("THROTTLE_USER_DETAIL", "rate", "", "requests for user profiles per client address"),
            Setting("THROTTLE_USER_UPDATE", "rate", "60/minute", "changes to a user's own account"),
            Setting("THROTTLE_CREATE_MEMBERSHIPS", "rate", "", "invitations per user"),
            Setting(
                "THROTTLE_ASKED_MAIL",
                "rate",
                "10/minute 60/hour",
                "requests for mail (password recovery, address verification, contacting a project's admins) "
                "per user, or per client address if anonymous",
            ),
            Setting("THROTTLE_IMPORT_MODE", "rate", "", "requests to the import and export API per user"),
            Setting("THROTTLE_IMPORT_DUMP_MODE", "rate", "1/minute", "imports and exports of whole projects per user"),
            Setting(
                "THROTTLE_WHITELIST",
                "callers",
                "",
                "user IDs, addresses and networks exempt from the four read and write limits above",
            ),
        ),
    ),
    Section(
        "Statistics, feedback and sitemaps",
        (
            Setting("STATS_ENABLED", "flag", "false", "enable `/stats/system`"),
            Setting("STATS_CACHE_TIMEOUT", "number", "3600", "cache lifetime of the statistics, in seconds"),
            Setting("FEEDBACK_ENABLED", "flag", "true", "let users send feedback"),
            Setting("FEEDBACK_EMAIL", "text", "", "recipient of feedback, and contact in mails; nobody if empty"),
            Setting("FRONT_SITEMAP_ENABLED", "flag", "false", "serve sitemaps of the public projects"),
            Setting("FRONT_SITEMAP_CACHE_TIMEOUT", "number", "86400", "cache lifetime of the sitemaps, in seconds"),
            Setting("FRONT_SITEMAP_PAGE_SIZE", "number", "25000", "maximum number of URLs per sitemap page", least=1),
        ),
    ),
)

OBSOLETE: dict[str, str] = {
    "RABBITMQ_USER": "RabbitMQ is not used",
    "RABBITMQ_PASS": "RabbitMQ is not used",
    "RABBITMQ_VHOST": "RabbitMQ is not used",
    "RABBITMQ_ERLANG_COOKIE": "RabbitMQ is not used",
    "CELERY_ENABLED": "background work is always enabled",
    "ENABLE_TELEMETRY": "there is no telemetry",
    "ENABLE_SLACK": "there is no Slack integration; use a webhook",
    "WEBSOCKETS_SCHEME": "follows `TAIGA_SITES_SCHEME`",
}
"""Names in Taiga's own `.env` files that have no meaning here, and why. They are accepted without a warning."""

SETTINGS: dict[str, Setting] = {setting.name: setting for section in TABLE for setting in section.settings}
