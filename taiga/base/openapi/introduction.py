"""The document's introduction and credentials."""

from taiga.base.answers import Schema

INTRODUCTION = """\
The API of Taiga 6, with a few additions. All paths are below `/api/v1`, without a trailing slash.

**Request bodies** are JSON; files are sent as `multipart/form-data`. Forms of both kinds with the same fields are
accepted everywhere. Numbers and booleans may be sent as texts, and texts as numbers; an empty text means null, and null
means false. Unknown fields are ignored. A PATCH changes the fields that it names; a PUT resets the others to their
defaults. All invalid fields are reported together.

**Responses** are JSON in UTF-8, with times in UTC (`2026-11-23T01:42:09.662Z`). Each path also exists with the suffix
`.json`. Lists have pages of 30, described by headers.

**Permissions** are listed below each operation: a permission such as `modify_us` in the object's project, `admin` or
`owner` of the project, `superuser`, `signed in` for any authenticated user, `own rows` where users only reach their own
rows. A project may grant permissions to view to everybody, for example if it is public.

**Errors** have `_error_message` and `_error_type`, or the invalid fields. For a new object, the body is checked
first (400), then the permission (401, 403), then whether the project is archived (403) or blocked (451).

**Versions**: epics, user stories, tasks, issues and wiki pages have a `version`. A change names the version that the
client knows; it is rejected (400, `version`) if somebody has changed the same fields since.

`Accept-Language` selects the language of messages, `X-Session-Id` identifies the browser tab for live events, and a
POST with `X-HTTP-Method-Override` stands for another method. `HEAD` works wherever `GET` does.
"""
SCHEMES: dict[str, Schema] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `auth_token` in the response of `POST /auth`; `POST /auth/refresh` renews it.",
    },
    "application": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Application <token>`, with the token from `POST /application-tokens/validate`.",
    },
}
