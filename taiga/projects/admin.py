"""The admin site's pages of projects and of what is in them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import ChoiceField, Field, JSONField
from django.http import HttpRequest

from taiga.changes.record import permissions_changed
from taiga.projects.models import (
    Attachment,
    ContactEntry,
    Epic,
    EpicCustomAttribute,
    EpicStatus,
    Issue,
    IssueCustomAttribute,
    IssueDueDate,
    IssueStatus,
    IssueType,
    Like,
    Membership,
    Milestone,
    NotifyPolicy,
    Points,
    Priority,
    Project,
    ProjectTemplate,
    RelatedUserStory,
    Role,
    RolePoints,
    Severity,
    Swimlane,
    SwimlaneUserStoryStatus,
    Task,
    TaskCustomAttribute,
    TaskDueDate,
    TaskStatus,
    UserStory,
    UserStoryCustomAttribute,
    UserStoryDueDate,
    UserStoryStatus,
    Vote,
    Watch,
    WikiLink,
    WikiPage,
    WorkItem,
)
from taiga.projects.queries.item_columns import STORED
from taiga.projects.queries.project_listing import ORDERS
from taiga.projects.services import attachments, blocking_codes, deletion, projects, workitems

CODES = {"blocked_code": blocking_codes.BLOCKED, "archived_code": blocking_codes.ARCHIVED}


class MaybeEmpty(JSONField):
    """A list that may be empty; a missing value is an empty list."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or []


class ById:
    """Refers to other rows by their ids, since there may be too many for a drop-down."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a form for a reference."""
        return db_field.formfield(widget=ForeignKeyRawIdWidget(db_field.remote_field, self.admin_site), **kwargs)


class Inline(ById, admin.TabularInline[Any, Any]):
    """Rows on the page of what they belong to."""

    extra = 0


class RoleInline(Inline):
    """What members may do."""

    model = Role


class MembershipInline(Inline):
    """Who works in the project; the tokens of invitations are not shown."""

    model = Membership
    exclude = ("token",)


class PolicyInline(Inline):
    """Who follows the project."""

    model = NotifyPolicy


class LikeInline(Inline):
    """Who likes the project."""

    model = Like


class WatchInline(Inline):
    """Who watches the object."""

    model = Watch


class VoteInline(Inline):
    """Who voted for the item."""

    model = Vote


class StoryInline(Inline):
    """The stories of an epic."""

    model = RelatedUserStory
    fk_name = "epic"


class Page(ById, admin.ModelAdmin[Any]):
    """A page of rows that belong to a project."""

    list_display: tuple[str, ...] = ("id", "project", "name")
    show_full_result_count = False
    search_fields: ClassVar[Any] = ("=project__id", "project__name", "project__slug", "name")
    inlines: ClassVar[Any] = ()


class ValuePage(Page):
    """A value of one of a project's lists."""

    list_display = ("id", "project", "order", "name")


class CustomAttributePage(Page):
    """A custom field."""

    list_display = ("id", "name", "type", "project", "order")
    list_filter = ("type",)


class HolderPage(Page):
    """A page of rows that hold files; `files` are the lookups from a file to such a row. Deleting a row deletes its
    files.
    """

    files: ClassVar[tuple[str, ...]] = ("item", "item__user_story")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, self.model._default_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        with transaction.atomic():
            for lookup in self.files:
                attachments.delete_files_of(**{f"{lookup}__in": queryset.values("pk")})
            super().delete_queryset(request, queryset)


class ItemPage(HolderPage):
    """A work item, with the columns of its kind. Its project and #number cannot be changed."""

    list_display = ("id", "project", "ref", "subject")
    search_fields = ("=project__id", "project__name", "project__slug", "=ref", "subject")
    inlines: ClassVar[Any] = (WatchInline, VoteInline)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The columns of the kind."""
        return [name for name in (*STORED[self.model.kind_of], "description") if name != "id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The fields that the server maintains."""
        return ["ref", "version", "created_date", "modified_date", *(["project"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: WorkItem, form: Any, change: bool) -> None:
        if not change:
            obj.kind = self.model.kind_of
            obj.ref = workitems.next_refs(obj.project_id, 1)
        super().save_model(request, obj, form, change)


class EpicPage(ItemPage):
    """An epic."""

    inlines = (*ItemPage.inlines, StoryInline)


class MilestonePage(Page):
    """A sprint."""

    list_display = ("id", "project", "name", "estimated_start", "estimated_finish", "closed")
    inlines = (WatchInline,)


class WikiPagePage(HolderPage):
    """A page of the wiki."""

    files = ("wiki_page",)
    list_display = ("id", "project", "slug")
    search_fields = ("=project__id", "project__name", "project__slug", "slug")
    inlines = (WatchInline,)


class WikiLinkPage(Page):
    """A bookmark of the wiki."""

    list_display = ("id", "project", "title", "href")
    search_fields = ("=project__id", "project__name", "project__slug", "title")


class AttachmentPage(HolderPage):
    """A file."""

    files = ("pk",)
    list_display = ("id", "project", "name", "item", "wiki_page", "created_date")


class LimitPage(Page):
    """The work-in-progress limit of a status in a lane."""

    list_display = ("id", "swimlane", "status", "wip_limit")
    search_fields = ("swimlane__name", "status__name")


@admin.register(RolePoints)
class RolePointsPage(Page):
    """An estimate, read-only."""

    list_display = ("id", "user_story", "role", "points")
    search_fields = ("=user_story__ref", "user_story__subject")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Role)
class RolePage(Page):
    """A role. Saving it rechecks the websocket subscriptions of the project."""

    list_display = ("id", "project", "order", "name", "slug")

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        permissions_changed(obj.project_id)


@admin.register(Membership)
class MembershipPage(Page):
    """A member or an invitation. New ones are made by inviting people, not here."""

    list_display = ("id", "project", "role", "user", "email", "is_admin")
    search_fields = ("=project__id", "project__name", "project__slug", "user__username", "user__full_name", "email")
    exclude = ("token",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        permissions_changed(obj.project_id)


@admin.register(Project)
class ProjectPage(Page):
    """A project."""

    list_display = (
        *("id", "name", "slug", "is_private", "owner", "blocked_code", "archived_code", "is_featured"),
        "created_date",
    )
    list_display_links = ("id", "name")
    list_editable = ("is_featured", "blocked_code", "archived_code")
    list_filter = ("is_private", "is_featured", "blocked_code", "archived_code")
    list_select_related = ("owner",)
    search_fields = ("=id", "name", "slug", "owner__username", "owner__email", "owner__full_name")
    readonly_fields = ("created_date", "modified_date", "logo", "logo_format", "totals_updated_datetime", *ORDERS)
    inlines = (RoleInline, MembershipInline, PolicyInline, LikeInline)
    actions = ("make_public", "make_private")

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        codes = CODES.get(db_field.name)
        if codes is not None:
            return ChoiceField(choices=[("", "-"), *((code, code) for code in codes)], required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        for name in CODES:
            setattr(obj, name, getattr(obj, name) or None)
        obj.save(update_fields=form.changed_data or None) if change else obj.save()
        permissions_changed(obj.pk)

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        deletion.erase(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Project]") -> None:
        for key in queryset.values_list("pk", flat=True):
            deletion.erase(key)

    @admin.action(description="Make public")
    def make_public(self, request: HttpRequest, queryset: "QuerySet[Project]") -> None:
        """Make the projects public."""
        self.set_privacy(queryset, is_private=False)

    @admin.action(description="Make private")
    def make_private(self, request: HttpRequest, queryset: "QuerySet[Project]") -> None:
        """Make the projects private."""
        self.set_privacy(queryset, is_private=True)

    def set_privacy(self, queryset: "QuerySet[Project]", *, is_private: bool) -> None:
        """Change the privacy and the permissions that follow from it, regardless of the owner's limits."""
        for project in queryset:
            projects.set_privacy(project, is_private=is_private)


@admin.register(ProjectTemplate)
class TemplatePage(admin.ModelAdmin[ProjectTemplate]):
    """What a new project can begin with."""

    list_display = ("id", "name", "slug", "order", "is_backlog_activated", "is_kanban_activated")
    list_display_links = ("id", "name")

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in ("tags", "tags_colors"):
            return MaybeEmpty(required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ContactEntry)
class ContactPage(admin.ModelAdmin[ContactEntry]):
    """Messages to the admins of projects, read-only."""

    list_display = ("created_date", "project", "user", "comment")
    date_hierarchy = "created_date"
    search_fields = ("project__name", "user__username", "user__email", "comment")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ContactEntry | None = None) -> bool:
        return False


PAGES: dict[type[Page], tuple[Any, ...]] = {
    ValuePage: (
        *(EpicStatus, UserStoryStatus, TaskStatus, IssueStatus, Points, Priority, Severity, IssueType),
        *(UserStoryDueDate, TaskDueDate, IssueDueDate, Swimlane),
    ),
    LimitPage: (SwimlaneUserStoryStatus,),
    CustomAttributePage: (*(EpicCustomAttribute, UserStoryCustomAttribute, TaskCustomAttribute, IssueCustomAttribute),),
    EpicPage: (Epic,),
    ItemPage: (UserStory, Task, Issue),
    MilestonePage: (Milestone,),
    WikiPagePage: (WikiPage,),
    WikiLinkPage: (WikiLink,),
    AttachmentPage: (Attachment,),
}
for _page, _models in PAGES.items():
    admin.site.register(_models, _page)
