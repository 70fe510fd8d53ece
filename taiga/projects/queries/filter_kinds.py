"""The kinds of filters.

A filter reads its parameter into a variant, which decides the SQL, and values, which are parameters of the SQL. So a
list is compiled once for each combination of variants, not for each request.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dateutil import parser as dates
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from taiga.base import errors
from taiga.base.bodies import LARGEST_KEY
from taiga.base.fields import TextListField
from taiga.base.prepared import Ids, Param
from taiga.projects import search_index
from taiga.projects.models import AssignedUser, Membership, RelatedUserStory, Role, Watch, WorkItem
from taiga.projects.queries import fulltext

Parsed = tuple[str, dict[str, Any]]
Variants = tuple[tuple[str, str], ...]
WORDS = {"true": 1, "false": 0}


WRONG_ARGUMENTS = gettext_noop("Wrong arguments.")
WRONG_TYPE = gettext_noop("Error in filter params types.")


def bad_parameter(refusal: str = WRONG_ARGUMENTS) -> errors.BadRequest:
    """The error for a parameter that cannot be parsed."""
    return errors.BadRequest(_(refusal))


def parse_ids(text: str, refusal: str = WRONG_ARGUMENTS) -> tuple[list[int], bool]:
    """The ids in a text like `22, null`, and whether null is among them. Raises BadRequest with the message
    `refusal`.
    """
    ids, null = [], False
    for word in (part.strip() for part in text.split(",")):
        if word == "null":
            null = True
        elif word in WORDS:
            ids.append(WORDS[word])
        elif re.fullmatch(r"-?\d{1,19}", word, re.ASCII) and abs(int(word)) <= LARGEST_KEY:
            ids.append(int(word))
        else:
            raise bad_parameter(refusal)
    return ids, null


@dataclass(frozen=True)
class Filter:
    """A filter: the `name` of its parameter, and the `path` to its column."""

    name: str
    path: str = ""

    def read(self, text: str) -> Parsed | None:
        """The variant and the values of a parameter; None if it has no effect."""
        raise NotImplementedError

    def condition(self, variant: str) -> Q:
        """The rows that stay."""
        raise NotImplementedError

    def anywhere(self, variant: str) -> Q:
        """The same for lists over all projects, which must not scan all rows."""
        return self.condition(variant)


@dataclass(frozen=True)
class AnyOf(Filter):
    """A comma-separated list of ids and `null`. With `exclude` it is inverted, and keeps rows without a value unless
    null is listed.
    """

    exclude: bool = False

    def read(self, text: str) -> Parsed | None:
        if not text.strip():
            return None
        ids, null = parse_ids(text)
        variant = ("ids" if ids else "") + ("null" if null else "")
        return variant, ({self.name: ids} if ids else {})

    def condition(self, variant: str) -> Q:
        if self.exclude:
            return self.excluded(variant)
        matches = Q()
        if "ids" in variant:
            matches |= self.among()
        if "null" in variant:
            matches |= self.empty()
        return matches

    def excluded(self, variant: str) -> Q:
        """The condition with `exclude`."""
        matches = Q()
        if "ids" in variant:
            matches &= self.empty() | ~self.among()
        if "null" in variant:
            matches &= ~self.empty()
        return matches

    def among(self) -> Q:
        """The row's value is one of the ids."""
        return Q(**{f"{self.path}__among": Ids(self.name)})

    def empty(self) -> Q:
        """The row has no value."""
        return Q(**{f"{self.path}__isnull": True})


@dataclass(frozen=True)
class InEpics(AnyOf):
    """The epics of a story. If several epics are asked for, a story is listed once for each of its epics among them."""

    def among(self) -> Q:
        if not self.exclude:
            return Q(related_epics__epic__among=Ids(self.name))
        return Q(Exists(RelatedUserStory.objects.filter(user_story=OuterRef("pk"), epic__among=Ids(self.name))))

    def empty(self) -> Q:
        return ~Q(Exists(RelatedUserStory.objects.filter(user_story=OuterRef("pk"))))


def stories_assigned_to(people: Any) -> "QuerySet[Any, Any]":
    """The ids of the stories assigned to any of these people, by `assigned_to` or `assigned_users`. A union, because
    each part can use its index, which an OR cannot.
    """
    alone = WorkItem.objects.filter(assigned_to__among=people).order_by().values("pk")
    return alone.union(AssignedUser.objects.filter(user__among=people).order_by().values("user_story"), all=True)


@dataclass(frozen=True)
class AssignedUsers(AnyOf):
    """The assignees of a story, by `assigned_to` or `assigned_users`."""

    def among(self) -> Q:
        assigned = AssignedUser.objects.filter(user_story=OuterRef("pk"), user__among=Ids(self.name))
        return Q(assigned_to__among=Ids(self.name)) | Q(Exists(assigned))

    def anywhere(self, variant: str) -> Q:
        if self.exclude or "null" in variant:
            return self.condition(variant)
        return Q(pk__in=stories_assigned_to(Ids(self.name)))

    def empty(self) -> Q:
        return Q(assigned_to__isnull=True) & ~Q(Exists(AssignedUser.objects.filter(user_story=OuterRef("pk"))))


@dataclass(frozen=True)
class Roles(AnyOf):
    """The roles of an item's assignees; `stories` also have `assigned_users`."""

    stories: bool = False

    def among(self) -> Q:
        holders = Membership.objects.filter(role__among=Ids(self.name), project=OuterRef("project"))
        has_role = Q(Exists(holders.filter(user=OuterRef("assigned_to"))))
        if self.stories:
            assigned = AssignedUser.objects.filter(
                user_story=OuterRef("pk"),
                user__memberships__role__among=Ids(self.name),
                user__memberships__project=OuterRef("project"),
            )
            has_role |= Q(Exists(assigned))
        return has_role

    def anywhere(self, variant: str) -> Q:
        if self.exclude or "null" in variant:
            return self.condition(variant)
        projects = Role.objects.filter(pk__among=Ids(self.name)).order_by().values("project")
        return Q(project__in=projects) & self.condition(variant)

    def empty(self) -> Q:
        nobody = Q(assigned_to__isnull=True)
        if self.stories:
            nobody &= ~Q(Exists(AssignedUser.objects.filter(user_story=OuterRef("pk"))))
        return nobody


@dataclass(frozen=True)
class Tags(Filter):
    """Items that have any of the tags, or with `exclude` none of them."""

    exclude: bool = False

    def read(self, text: str) -> Parsed | None:
        return ("tags", {self.name: text.split(",")}) if text else None

    def condition(self, variant: str) -> Q:
        has_tag = Q(tags__holds_any=Ids(self.name, TextListField()))
        return (Q(tags__isnull=True) | ~has_tag) if self.exclude else has_tag


@dataclass(frozen=True)
class Watchers(Filter):
    """Items that any of these people watch."""

    def read(self, text: str) -> Parsed | None:
        if not text.strip():
            return None
        ids, null = parse_ids(text, WRONG_TYPE)
        if null:
            raise bad_parameter(WRONG_TYPE)
        return "ids", {self.name: ids}

    def condition(self, variant: str) -> Q:
        return Q(Exists(Watch.objects.filter(item=OuterRef("pk"), user__among=Ids(self.name))))

    def anywhere(self, variant: str) -> Q:
        watches = Watch.objects.filter(item__isnull=False, user__among=Ids(self.name))
        return Q(pk__in=watches.order_by().values("item"))


@dataclass(frozen=True)
class OneValue(Filter):
    """One value of a column, or `null`."""

    def read(self, text: str) -> Parsed | None:
        if text == "null":
            return "null", {}
        ids, null = parse_ids(text, WRONG_TYPE)
        if null or len(ids) != 1:
            raise bad_parameter(WRONG_TYPE)
        return "one", {self.name: ids[0]}

    def condition(self, variant: str) -> Q:
        if variant == "null":
            return Q(**{f"{self.path}__isnull": True})
        return Q(**{self.path: Param(self.name)})


@dataclass(frozen=True)
class Slug(Filter):
    """Equality with a text."""

    def read(self, text: str) -> Parsed | None:
        return "slug", {self.name: text}

    def condition(self, variant: str) -> Q:
        return Q(**{self.path: Param(self.name, models.CharField())})


@dataclass(frozen=True)
class Flag(Filter):
    """A boolean; with `isnull`, whether there is a value."""

    isnull: bool = False

    def read(self, text: str) -> Parsed | None:
        word = text.strip().lower()
        if word in ("true", "1"):
            return "yes", {}
        if word in ("false", "0"):
            return "no", {}
        if word == "null":
            return "null", {}
        raise bad_parameter()

    def condition(self, variant: str) -> Q:
        if self.isnull:
            return Q(**{f"{self.path}__isnull": variant == "yes"})
        if variant == "null":
            return Q(**{f"{self.path}__isnull": True})
        return Q(**{self.path: variant == "yes"})


@dataclass(frozen=True)
class When(Filter):
    """A moment, or with `day` a date; `operator` is one of lt, lte, gt, gte or nothing."""

    operator: str = ""
    day: bool = False

    def read(self, text: str) -> Parsed | None:
        if not text.strip():
            return None
        return "when", {self.name: moment(text, day=self.day)}

    def condition(self, variant: str) -> Q:
        column: Any = models.DateField() if self.day else models.DateTimeField()
        path = f"{self.path}__{self.operator}" if self.operator else self.path
        return Q(**{path: Param(self.name, column)})


def moment(text: str, *, day: bool) -> str:
    """A date in any accepted notation, in the form in which both databases compare it."""
    try:
        found: datetime = dates.parse(text)
        if day:
            return found.date().isoformat()
        return str(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).replace(tzinfo=None))
    except (ValueError, OverflowError) as problem:
        raise bad_parameter() from problem


@dataclass(frozen=True)
class InOwnProjects(Filter):
    """With any value: items of projects that the caller is a member of, with fewer members."""

    def read(self, text: str) -> Parsed | None:
        return ("mine", {}) if text else None

    def condition(self, variant: str) -> Q:
        return Q(Exists(Membership.objects.filter(project=OuterRef("project"), user=Param("viewer"))))


@dataclass(frozen=True)
class FullText(Filter):
    """A search in subject, tags, #number and description."""

    def read(self, text: str) -> Parsed | None:
        return ("words", {self.name: fulltext.to_query(text)}) if text else None

    def condition(self, variant: str) -> Q:
        return fulltext.matching(fulltext.Search(search_index.ITEMS, self.name, "project"))

    def anywhere(self, variant: str) -> Q:
        return fulltext.matching(fulltext.Search(search_index.ITEMS, self.name))
