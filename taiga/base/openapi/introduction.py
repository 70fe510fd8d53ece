"""What the document says of the API as a whole."""

from taiga.base.answers import Schema

INTRODUCTION = """\
The API of Taiga 6, with a few additions. Everything is below `/api/v1`, without a slash at the end.

**Bodies** are JSON; files come in `multipart/form-data`. Forms of both kinds with the same fields are read everywhere.
Numbers and booleans may be written as texts, texts as numbers; the empty text stands for null, and null for false.
Unknown fields are ignored. A PATCH changes what it names; what a PUT does not name goes back to its default. All fields
that are wrong are reported together.

**Answers** are JSON in UTF-8, times in UTC (`2026-11-23T01:42:09.662Z`). Each address exists once more with the suffix
`.json`. Lists come in pages of 30, which are told in headers.

**Who may** is written below each operation: a permission such as `modify_us` in the project that the object belongs to,
`admin` or `owner` of the project, `superuser`, `signed in` for anybody with an account, `own rows` where everybody
reaches only what is his. Permissions to view may be given to everybody, in public projects for instance.

**Refusals** carry `_error_message` and `_error_type`, or the fields that are wrong. Of something new first the body is
looked at (400), then who may (401, 403), then whether the project is archived (403) or blocked (451).

**Versions**: epics, stories, tasks, issues and wiki pages have a `version`. A change names the version that it knows;
it is refused (400, `version`) if somebody changed the same fields since.

`Accept-Language` chooses the language of messages, `X-Session-Id` names the browser tab for live events, a POST with
`X-HTTP-Method-Override` stands for another method. `HEAD` answers wherever `GET` does.
"""
SCHEMES: dict[str, Schema] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `auth_token` that `POST /auth` answers with; `POST /auth/refresh` renews it.",
    },
    "application": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Application <token>`: the token that `POST /application-tokens/validate` gives to a program.",
    },
}
