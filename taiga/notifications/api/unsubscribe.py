"""/unsubscribe: the address in each change mail that ends the mails of one project to one person (RFC 8058).

Looking at it changes nothing, since scanners of mail look at every address: a click does, or the mail program's button.
"""

from django.template.loader import render_to_string

from taiga.base import errors
from taiga.base.answers import Download
from taiga.base.requests import Reply, Request
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.notifications import links
from taiga.notifications.services import policies
from taiga.projects.models import NotifyPolicy


@endpoint(needs=ANYBODY, answers=Download("text/html"))
def ask(request: Request) -> Reply:
    """A page with one button."""
    return page(policy_of(request), is_done=False)


@endpoint(needs=ANYBODY, answers=Download("text/html"))
def end(request: Request) -> Reply:
    """No more mails of this project to this person; members hear as much as before in the application."""
    policy = policy_of(request)
    policies.mute(policy)
    return page(policy, is_done=True)


def policy_of(request: Request) -> NotifyPolicy:
    """The policy that the address is about. Raises Missing for an address that is not ours."""
    ids = links.read_unsubscribe(request.args["token"])
    if ids is None:
        raise errors.Missing
    user_id, project_id = ids
    policy = NotifyPolicy.objects.select_related("project").filter(user_id=user_id, project_id=project_id).first()
    if policy is None:
        raise errors.Missing
    return policy


def page(policy: NotifyPolicy, *, is_done: bool) -> Reply:
    """What is shown."""
    html = render_to_string("notifications/unsubscribe.html", {"project": policy.project.name, "is_done": is_done})
    return Reply(html.encode(), content_type="text/html; charset=utf-8")


urls = [route("unsubscribe/{token}", GET=ask, POST=end)]
