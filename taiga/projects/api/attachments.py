"""/…/attachments: files of items and wiki pages."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.answers import Paged, Several
from taiga.base.bodies import UNSET, Body, Boolean, Id, Integer, Key, MaybeId, Related, Text, longest
from taiga.base.media import signing as media
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, Query, Route, endpoint, route
from taiga.projects.api import lookup, shapes
from taiga.projects.api.in_project import Ids
from taiga.projects.models import Attachment, Kind, Project, WikiPage, WorkItem
from taiga.projects.permissions import Access, Need, is_met, item_permissions, visible
from taiga.projects.services import attachments as services
from taiga.projects.services.kinds import KINDS

MODELS = {Kind.EPIC: "epic", Kind.USERSTORY: "userstory", Kind.TASK: "task", Kind.ISSUE: "issue", None: "wikipage"}


class OwnerOr(Need):
    """Whoever uploaded the file, or a permission of the kind."""

    def __init__(self, action: str) -> None:
        self.action = action

    def met(self, access: Access, request: Request | None) -> bool:
        assert request is not None
        attachment = request.cache.get("attachment")
        uploaded = attachment is not None and attachment.owner_id == access.viewer.id is not None
        return uploaded or access.may(getattr(item_permissions(request.given), self.action))

    def named(self, given: Mapping[str, Any]) -> str:
        return f"{getattr(item_permissions(given), self.action)}, or the uploader"

    def __str__(self) -> str:
        return f"{self.action}, or the uploader"


class ToAttach(Need):
    """To modify the item, or to comment on it when the file belongs to a comment."""

    def met(self, access: Access, request: Request | None) -> bool:
        assert request is not None
        can = item_permissions(request.given)
        from_comment = request.cache.get("from_comment", False)
        return access.may(can.modify) or (from_comment and access.may(can.comment))

    def named(self, given: Mapping[str, Any]) -> str:
        can = item_permissions(given)
        return f"{can.modify}, or {can.comment} for a file of a comment"

    def __str__(self) -> str:
        return "modify, or comment for a file of a comment"


class AttachmentBody(Body):
    """The fields of a file besides the file itself."""

    project: Annotated[Key, Related(Project, ())]
    object_id: Id
    name: Annotated[Text, longest(500)] = UNSET
    description: Text = UNSET
    is_deprecated: Boolean = UNSET
    from_comment: Boolean = UNSET
    order: Integer = UNSET


class OrderBody(Body):
    """Files of one item in their new order, and the file after which they are put."""

    object_id: Id
    bulk_attachments: Ids
    after_attachment_id: MaybeId = None


def rows(kind: Kind | None) -> Any:
    """The files of one kind of item, or of wiki pages."""
    return Attachment.objects.filter(item__kind=kind) if kind else Attachment.objects.filter(wiki_page__isnull=False)


def holder_of(kind: Kind | None, key: int) -> WorkItem | WikiPage | None:
    """The item or page with this id."""
    if kind is None:
        return WikiPage.objects.filter(pk=key).first()
    found: WorkItem | None = KINDS[kind].model.objects.filter(pk=key).first()
    return found


def holder(kind: Kind | None, attachment: Attachment) -> WorkItem | WikiPage:
    """The item or page of a file."""
    found = holder_of(kind, attachment.item_id or attachment.wiki_page_id or 0)
    assert found is not None
    return found


def serialized(kind: Kind | None, one: Attachment) -> dict[str, Any]:
    """A file as the API shows it."""
    url = (
        media.media_url(one.attached_file, fragment=f"_taiga-refresh={MODELS[kind]}:{one.pk}")
        if one.attached_file
        else None
    )
    preview = url
    if one.name.lower().endswith(".psd"):
        preview = media.thumbnail_url(one.attached_file, "preview-image", one.thumbnail_format)
    return {
        "id": one.pk,
        "project": one.project_id,
        "owner": one.owner_id,
        "name": one.name,
        "attached_file": one.attached_file,
        "size": one.size,
        "url": url,
        "thumbnail_card_url": media.thumbnail_url(one.attached_file, "card-image", one.thumbnail_format),
        "preview_url": preview,
        "description": one.description,
        "is_deprecated": one.is_deprecated,
        "from_comment": one.from_comment,
        "created_date": clock.stamp(one.created_date),
        "modified_date": clock.stamp(one.modified_date),
        "object_id": one.item_id or one.wiki_page_id,
        "order": one.order,
        "sha1": one.sha1,
    }


@endpoint(
    needs=ANYBODY,
    query=(lookup.PROJECT, Query("object_id", "integer", "Only those of this item or page.")),
    answers=Paged(shapes.FILE),
)
def listing(request: Request, kind: Kind | None) -> Reply:
    """The files that the caller may see."""
    project = lookup.project_parameter(request)
    found = rows(kind).filter(visible(request.viewer, item_permissions(request.given).view, "project__"))
    if project is not None:
        found = found.filter(project_id=project)
    if "object_id" in request.query:
        key = number(request.query["object_id"])
        if key is None:
            raise errors.BadRequest(_("Wrong arguments."))
        found = found.filter(Q(item=key) if kind else Q(wiki_page=key))
    ordered = found.order_by("project__name", "project", "created_date", "id")
    return paged_rows(request, ordered, lambda page: [serialized(kind, one) for one in page])


@endpoint(needs=ToAttach(), accepts=AttachmentBody, answers=shapes.FILE, uploads=("attached_file",))
def create(request: Request, kind: Kind | None) -> Reply:
    """A new file, as multipart/form-data."""
    upload = uploaded(request)
    problems: dict[str, Any] = {}
    try:
        fields = AttachmentBody.read(request.fields)
    except errors.Invalid as refusal:
        problems = dict(refusal.fields)
    if upload is None or not upload.size:
        problems["attached_file"] = [missing_file_error(request, upload)]
    if problems or upload is None:
        raise errors.Invalid(problems)
    values = fields.values
    thing = holder_in(kind, values.pop("object_id"), values.pop("project"))
    request.cache["from_comment"] = values.get("from_comment", False)
    access = lookup.allow(request, thing.project_id)
    access.ensure_open()
    values.pop("name", None)
    details: dict[str, Any] = {"slug": access.project.slug, "comment": comment_of(request), "by": lookup.actor(request)}
    return created(serialized(kind, services.add(thing, upload, values, **details)))


def comment_of(request: Request) -> str:
    """The comment that a new file belongs to."""
    return str(request.fields.get("comment") or "")


def uploaded(request: Request) -> "UploadedFile[bytes] | None":
    """The file of the request."""
    return request.file("attached_file")


def missing_file_error(request: Request, upload: "UploadedFile[bytes] | None") -> str:
    """The error when there is no file, or an empty one."""
    if upload is not None:
        return _("The submitted file is empty.")
    if "attached_file" in request.fields:
        return _("No file was submitted. Check the encoding type on the form.")
    return _("This field is required.")


def holder_in(kind: Kind | None, key: int, project: int) -> WorkItem | WikiPage:
    """The item or page of a new file; it must be of the project that is named."""
    thing = holder_of(kind, key)
    if thing is None:
        raise errors.WrongArguments(_("Object id issue doesn't exist"))
    if thing.project_id != project:
        raise errors.WrongArguments(_("Project ID does not match between object and project"))
    return thing


@endpoint(needs=OwnerOr("view"), answers=shapes.FILE)
def read(request: Request, kind: Kind | None) -> Reply:
    """One file."""
    found = lookup.first(rows(kind), {"id": request.args["id"]})
    if found is None:
        raise lookup.missing("Attachment", request.args)
    request.cache["attachment"] = found
    lookup.allow(request, found.project_id)
    return ok(serialized(kind, found))


def for_change(request: Request, kind: Kind | None) -> Attachment:
    """The file of the address, if the caller may change it."""
    key = number(request.args["id"])
    request.cache["attachment"] = rows(kind).filter(pk=key).first() if key is not None else None
    view = item_permissions(request.given).view
    found: Attachment = lookup.for_change(request, rows(kind), view, id=request.args["id"])
    return found


@endpoint(needs=OwnerOr("modify"), accepts=AttachmentBody, answers=shapes.FILE, uploads=("attached_file",))
def change(request: Request, kind: Kind | None) -> Reply:
    """Change the description of a file, or replace the file."""
    one = for_change(request, kind)
    values = AttachmentBody.read(request.fields, partial=True).values
    thing = holder(kind, one)
    key, project = values.pop("object_id", thing.pk), values.pop("project", one.project_id)
    if (key, project) != (thing.pk, one.project_id):
        thing = holder_in(kind, key, project)
        if thing.project_id != one.project_id:
            raise errors.WrongArguments(_("Project ID does not match between object and project"))
        values |= services.target_column(thing)
    upload = uploaded(request)
    if "attached_file" in request.fields and (upload is None or not upload.size):
        raise errors.Invalid({"attached_file": [missing_file_error(request, upload)]})
    access = lookup.access_or_404(request, one.project_id)
    access.ensure_open()
    details: dict[str, Any] = {"slug": access.project.slug, "comment": comment_of(request), "by": lookup.actor(request)}
    services.change(one, thing, values, upload, **details)
    return ok(serialized(kind, one))


@endpoint(needs=OwnerOr("modify"))
def delete(request: Request, kind: Kind | None) -> Reply:
    """Delete a file."""
    one = for_change(request, kind)
    access = lookup.access_or_404(request, one.project_id)
    access.ensure_open()
    services.delete(one, holder(kind, one), slug=access.project.slug, by=lookup.actor(request))
    return no_content()


def ensure_together(own: QuerySet[Attachment], ids: list[int], after: int | None) -> None:
    """Refuse to reorder files of different items or pages."""
    if own.filter(pk__in=ids).count() < len(ids):
        refusal = _(
            "Invalid attachment ids. All attachments must belong to the same item "
            "(epic, userstory, task, issue or wiki page)."
        )
        raise errors.Invalid({"bulk_attachments": [refusal]})
    if after is not None and not own.filter(pk=after).exists():
        refusal = _(
            "Invalid attachment id to move after. The attachment must belong to the same item "
            "(epic, userstory, task, issue or wiki page)."
        )
        raise errors.Invalid({"after_attachment_id": [refusal]})


@endpoint(needs=OwnerOr("modify"), accepts=OrderBody, answers=Several(shapes.PLACED))
def reorder(request: Request, kind: Kind | None) -> Reply:
    """Put files of one item into an order."""
    fields = OrderBody.read(request.fields)
    values = fields.values
    thing = holder_of(kind, values["object_id"])
    if thing is None:
        raise errors.Invalid({"object_id": [_("Invalid object_id.")]})
    ensure_together(services.of(thing), values["bulk_attachments"], values["after_attachment_id"])
    access = lookup.access_or_404(request, thing.project_id)
    owner = access.viewer.is_authenticated and access.project.owner_id == access.viewer.id
    if not owner or is_met(request.endpoint.needs, access, request):
        lookup.allow(request, thing.project_id)
    request.allowed = True
    access.ensure_unblocked()
    orders = services.reorder(thing, values["bulk_attachments"], values["after_attachment_id"])
    return ok([{"id": key, "order": order} for key, order in orders.items()])


def urls_of(path: str, kind: Kind | None) -> list[Route]:
    """The endpoints of one kind."""
    given = {"kind": kind}
    base = f"{path}/attachments"
    return [
        route(base, given, GET=listing, POST=create),
        route(f"{base}/bulk_update_order", given, POST=reorder),
        route(f"{base}/{{id}}", given, refused=("PUT",), GET=read, PATCH=change, DELETE=delete),
    ]


urls = [
    *urls_of("epics", Kind.EPIC),
    *urls_of("userstories", Kind.USERSTORY),
    *urls_of("tasks", Kind.TASK),
    *urls_of("issues", Kind.ISSUE),
    *urls_of("wiki", None),
]
