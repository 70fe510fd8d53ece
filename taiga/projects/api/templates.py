"""/project-templates: what a new project can begin with. Superusers write them."""

from taiga.base import errors, paging
from taiga.base.requests import Reply, Request, number, ok
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.projects.models import ProjectTemplate
from taiga.projects.queries import templates as queries


@endpoint(needs=ANYBODY)
def listing(request: Request) -> Reply:
    """All templates."""
    rows = ProjectTemplate.objects.order_by("order", "name", "id")
    return paging.paged_rows(request, rows, lambda page: [queries.written(template) for template in page])


@endpoint(needs=ANYBODY)
def read(request: Request) -> Reply:
    """One template."""
    return ok(queries.written(named(request)))


def named(request: Request) -> ProjectTemplate:
    """The template of the address."""
    found = ProjectTemplate.objects.filter(pk=number(request.args["id"])).first()
    if found is None:
        raise errors.Missing("No ProjectTemplate matches the given query.")
    return found


urls = [
    route("project-templates", GET=listing),
    route("project-templates/{id}", GET=read),
]
