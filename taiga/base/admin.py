"""The title of the admin site, and the plurals in it."""

from django.apps import apps
from django.contrib import admin


def plural(name: str) -> str:
    """The plural of a model's name: `entries`, `statuses`, `points`."""
    if name.endswith("points"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}es" if name.endswith("s") else f"{name}s"


admin.site.site_header = admin.site.site_title = "Taiga"
admin.site.index_title = "Administration"
for model in apps.get_models():
    if model.__module__.startswith("taiga."):
        model._meta.verbose_name_plural = plural(str(model._meta.verbose_name))
