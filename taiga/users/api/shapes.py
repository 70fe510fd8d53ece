"""What the addresses of people answer with."""

from taiga.base.answers import BOOLEAN, INTEGER, STAMP, TEXT, Shape, array, columns, fixed, maybe
from taiga.users.models import StorageEntry, User

PICTURES = {"photo": maybe(TEXT), "big_photo": maybe(TEXT), "gravatar_id": maybe(TEXT)}
PUBLIC = ("id", "username", "full_name", "color", "bio", "lang", "theme", "timezone", "is_active")
PRIVATE = (
    *("email", "uuid", "date_joined", "read_new_terms", "accepted_terms", "max_private_projects"),
    *("max_public_projects", "max_memberships_private_projects", "max_memberships_public_projects", "verified_email"),
)
MADE = {"full_name_display": TEXT, **PICTURES, "roles": array(TEXT)}
OWNED = {"total_private_projects": INTEGER, "total_public_projects": INTEGER}

CARD = Shape(
    "PersonCard",
    lambda: {**columns(User, ("id", "username", "is_active")), "full_name_display": TEXT, **PICTURES},
    text="A user, as other objects show them.",
)
FOLLOWER = Shape(
    "Follower",
    lambda: columns(User, ("id", "username", "full_name")),
    text="One of those who watch, vote or like.",
)
USER = Shape(
    "User",
    lambda: {**columns(User, (*PUBLIC, *PRIVATE)), **MADE, **OWNED},
    sometimes=(*PRIVATE, *OWNED),
    text="A user; some members are only for the user and for superusers.",
)
SESSION = Shape(
    "Session",
    lambda: {**columns(User, (*PUBLIC, *PRIVATE)), **MADE, **OWNED, "auth_token": TEXT, "refresh": TEXT},
    text="The user who logged in, with an access token and a refresh token.",
)
TOKENS = fixed("Tokens", auth_token=TEXT, refresh=TEXT)
ENTRY = Shape("StorageEntry", lambda: columns(StorageEntry, ("key", "value", "created_date", "modified_date")))
LOCALE = fixed("Locale", code=TEXT, name=TEXT, bidi=BOOLEAN)
TOLD = fixed("Told", detail=TEXT)
FEEDBACK = fixed("Feedback", id=INTEGER, full_name=TEXT, email=TEXT, comment=TEXT, created_date=STAMP)
EXPORT = fixed("ProfileExport", url=TEXT)
