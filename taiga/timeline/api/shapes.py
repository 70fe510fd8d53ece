"""The response shapes of the timeline endpoints."""

from taiga.base.answers import INTEGER, MOMENT, OBJECT, TEXT, fixed, maybe

LINE = fixed(
    "TimelineLine",
    "What happened; `data` holds the objects that it is about, as they were.",
    id=INTEGER,
    event_type=TEXT,
    namespace=TEXT,
    data=OBJECT,
    created=MOMENT,
    project=maybe(INTEGER),
    object_id=maybe(INTEGER),
    content_type=INTEGER,
    data_content_type=maybe(INTEGER),
)
