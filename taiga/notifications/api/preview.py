"""/dev/mails: how every mail looks, in every language; for who runs the server, or anybody while DEBUG is on."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from taiga.notifications import samples
from taiga.notifications.rendering import language, rendered


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """One mail beside the list of all; it is the admin site's session that is asked."""
    user = getattr(request, "user", None)
    if not settings.DEBUG and not (user is not None and user.is_active and user.is_superuser):
        raise Http404
    kinds = samples.kinds()
    chosen = request.GET.get("mail", kinds[0])
    if chosen not in kinds:
        raise Http404
    lang = language(request.GET.get("lang", ""))
    kind, facts = samples.sample(chosen)
    shown = {"kinds": kinds, "chosen": chosen, "lang": lang, "languages": settings.LANGUAGES}
    return render(request, "notifications/preview.html", {**shown, "mail": rendered(kind, facts, lang)})


urls = [path("dev/mails", preview)]
