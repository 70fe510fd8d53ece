"""The response shapes of the history endpoints."""

from taiga.base.answers import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    OBJECT,
    TEXT,
    Shape,
    array,
    columns,
    fixed,
    maybe,
    object_of,
    row,
)
from taiga.changes.models import Change
from taiga.users.api.shapes import USER

AUTHOR = fixed(
    "EntryAuthor",
    "Who made a change, as the account is now; of one that is gone the name that was kept.",
    pk=maybe(INTEGER),
    username=maybe(TEXT),
    name=TEXT,
    photo=maybe(TEXT),
    is_active=BOOLEAN,
    gravatar_id=maybe(TEXT),
)
ENTRY = Shape(
    "HistoryEntry",
    lambda: {
        **columns(Change, ("type", "diff", "values", "snapshot", "comment", "comment_html", "is_hidden")),
        **columns(Change, ("delete_comment_date", "edit_comment_date")),
        "id": TEXT,
        "user": AUTHOR,
        "created_at": MOMENT,
        "key": TEXT,
        "delete_comment_user": maybe(object_of(pk=maybe(INTEGER), name=TEXT)),
        "values_diff": OBJECT,
        "is_snapshot": BOOLEAN,
    },
    text="One change of an object: what was and what is, as ids (`diff`) and in words (`values_diff`).",
)
VERSION = fixed(
    "CommentVersion",
    "A former text of a comment, and who replaced it; of an account that is gone the id. Dumps bring any `date`.",
    comment=TEXT,
    comment_html=TEXT,
    date=TEXT,
    user={"anyOf": [USER, row(id=maybe(INTEGER))]},
)
CHANGE = Shape(
    "FeedChange",
    lambda: {
        **columns(Change, ("number", "at", "by", "kind", "ref", "diff", "comment")),
        "id": INTEGER,
        "type": {"type": "string", "enum": ["change", "create", "delete"]},
        "entry": maybe(TEXT),
    },
    text="A committed change; `entry` is the entry of the history whose comment was edited.",
)
FEED = fixed("Feed", "Some changes; go on with `since=<last>`.", changes=array(CHANGE), last=INTEGER, more=BOOLEAN)
