"""The tables as Mermaid diagrams, made from the models: `docs/er_diagram.md`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, Model, OneToOneField

HEAD = """\
# Database tables

This page is generated from the models. To update it, run `bin/taiga er-diagram > docs/er_diagram.md`; a test fails if
it is out of date. Boxes without columns are tables from another section.

Epics, user stories, tasks and issues share one table, `WorkItem`, and are distinguished by `kind`. The statuses, due
date labels and custom fields of the four kinds also share one table each
([decision 2](decisions/0002-one-table-of-items.md)).

## All tables

This diagram omits the columns, and the lines to `User` and `Project`, because nearly every table has one.
"""


def markdown() -> str:
    """The whole page."""
    models = tables()
    sections = [HEAD + "\n" + diagram(lines_between(models))]
    for module, found in groupby(models, key=part):
        members = list(found)
        descriptions = "\n".join(f"* **{model.__name__}**: {said(model)}" for model in members)
        body = [line for model in members for line in [*box(model), *lines(model, ForeignKey)]]
        sections.append(f"## {module}\n\n{descriptions}\n\n{diagram(body)}")
    return "\n".join(sections)


def tables() -> list[type[Model]]:
    """The models that have tables, in the order of their files."""
    found = [model for model in apps.get_models() if model.__module__.startswith("taiga.") and not model._meta.proxy]
    return sorted(found, key=lambda model: (part(model), model._meta.db_table))


def part(model: type[Model]) -> str:
    """The file of a model."""
    return model.__module__.replace(".", "/") + ".py"


def said(model: type[Model]) -> str:
    """The first line of the docstring."""
    return (model.__doc__ or "").strip().partition("\n")[0]


def diagram(lines: Iterable[str]) -> str:
    """A diagram of these lines."""
    return "\n".join(["```mermaid", "erDiagram", "    direction LR", *(f"    {line}" for line in lines), "```", ""])


def box(model: type[Model]) -> Iterator[str]:
    """A table with its columns."""
    yield f"{model.__name__} {{"
    for column in model._meta.concrete_fields:
        key = "PK" if column.primary_key else "FK" if isinstance(column, ForeignKey) else "UK" if column.unique else ""
        parts = [column.get_internal_type().removesuffix("Field"), column.name, key, '"or null"' if column.null else ""]
        yield "    " + " ".join(word for word in parts if word)
    yield "}"


def lines(model: type[Model], kind: Any) -> Iterator[str]:
    """What a table refers to."""
    for column in model._meta.get_fields():
        if isinstance(column, (kind, ManyToManyField)) and not column.auto_created:
            many = "o{" if not isinstance(column, OneToOneField) else "o|"
            one = "}o" if isinstance(column, ManyToManyField) else "|o" if column.null else "||"
            yield f"{target(column)} {one}--{many} {model.__name__} : {column.name}"


def lines_between(models: Iterable[type[Model]]) -> Iterator[str]:
    """What tables refer to, apart from people and projects."""
    for model in models:
        yield from (line for line in lines(model, ForeignKey) if not line.startswith(("User ", "Project ")))


def target(column: Any) -> str:
    """The table that a column refers to."""
    related: type[Model] = column.related_model._meta.concrete_model
    return related.__name__
