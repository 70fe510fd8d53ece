"""/feedback: a word to those who run this server."""

from django.conf import settings
from django.http import Http404

from taiga.base import clock
from taiga.base.bodies import Body, FilledText
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import SIGNED_IN, endpoint, route
from taiga.users.api import shapes
from taiga.users.services import feedback


class FeedbackBody(Body):
    """What there is to say; name and address are the caller's."""

    comment: FilledText


@endpoint(needs=SIGNED_IN, accepts=FeedbackBody, answers=shapes.FEEDBACK)
def send(request: Request) -> Reply:
    """Send a message to the admins of a project."""
    if not settings.FEEDBACK_ENABLED:
        raise Http404
    body = FeedbackBody.read(request.fields).body
    extra = {name: request.http.META.get(name) for name in ("HTTP_HOST", "HTTP_REFERER", "HTTP_USER_AGENT")}
    entry = feedback.send(body.comment, by=request.viewer, extra=extra)
    return ok(
        {
            "id": entry.id,
            "full_name": entry.full_name,
            "email": entry.email,
            "comment": entry.comment,
            "created_date": clock.plain_stamp(entry.created_date),
        }
    )


urls = [route("feedback", POST=send)]
