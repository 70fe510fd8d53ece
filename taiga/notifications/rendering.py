"""Renders a mail: subject, HTML and text, in the language of its recipient. No value can add a header or a
recipient.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant

from taiga.notifications import links, plain_text
from taiga.notifications.models import Mail
from taiga.notifications.subjects import ALIKE, subject_of

Context = dict[str, Any]
KIND = "X-Taiga-Mail"
"""The header that names the template of a mail."""


@dataclass(frozen=True)
class Rendered:
    """The content of a mail."""

    subject: str
    text: str
    html: str


def rendered(template: str, context: Context, lang: str) -> Rendered:
    """The content of a mail. For an unknown language, that of the server is used."""
    with translation.override(language(lang)):
        values = {
            **context,
            "lang": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "support": settings.FEEDBACK_EMAIL,
            "subject_line": one_line(subject_of(template, context)),
        }
        page = get_template(f"mails/{ALIKE.get(template, template)}.html")
        html = page.render(values)
        return Rendered(values["subject_line"], plain_text.of(html), inliner().inline(html))


@cache
def inliner() -> css_inline.CSSInliner:
    """Moves the rules of the style sheet into the elements, since many mail programs ignore style sheets."""
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def language(lang: str) -> str:
    """The supported language that fits best."""
    try:
        return get_supported_language_variant(lang or settings.LANGUAGE_CODE)
    except LookupError:
        return "en"


def message(mail: Mail) -> EmailMultiAlternatives:
    """The message that is handed to the mail server."""
    words = rendered(mail.template, mail.context, mail.lang)
    headers = {
        "Message-ID": f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{links.domain()}>",
        "Auto-Submitted": "auto-generated",
        KIND: mail.template,
        **mail.headers,
    }
    made = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(mail.to)],
        headers={name: one_line(value) for name, value in headers.items()},
    )
    made.attach_alternative(words.html, "text/html")
    return made


def one_line(text: str) -> str:
    """A text without line breaks and other control characters."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    return " ".join(text.split())
