"""A single request to a webhook: its body, its signature, and its log."""

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from taiga.base import outbound
from taiga.webhooks.models import Webhook, WebhookLog

TIMEOUT = 10.0
"""Seconds for the whole request, including the look-up of the host's address."""
LOGS = 10
"""Logs that are kept of a webhook."""
REDIRECTS = (301, 302, 303, 307, 308)
FAILED = "error-in-request: "
DELIVERY = "X-Taiga-Delivery"
"""The header by which a receiver recognises a repeated delivery."""


def encoded(payload: dict[str, Any]) -> str:
    """The JSON that is sent."""
    return json.dumps(payload, ensure_ascii=False)


def call(webhook: Webhook, body: str, name: str = "") -> WebhookLog:
    """Send a body, outside of a transaction; returns the log, which is not stored. `name` identifies the delivery."""
    content = body.encode()
    log = WebhookLog(webhook=webhook, url=webhook.url, status=0, request_data=json.loads(body))
    try:
        answer = outbound.post(
            webhook.url,
            content,
            headers(webhook.key, content) | ({DELIVERY: name} if name else {}),
            timeout=TIMEOUT,
            allow_private=settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESS,
            allow_redirects=settings.WEBHOOKS_ALLOW_REDIRECTS,
        )
    except outbound.Refused as problem:
        log.response_data = f"{FAILED}{problem}"
    except outbound.Failed as problem:
        log.request_headers = problem.sent_headers
        log.response_data = f"{FAILED}{problem}"
    else:
        describe(log, answer)
    return log


def headers(key: str, content: bytes) -> dict[str, str]:
    """The signature of the body, in Taiga's header and in GitHub's."""
    signature = hmac.new(key.encode(), content, hashlib.sha1).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-TAIGA-WEBHOOK-SIGNATURE": signature,
        "X-Hub-Signature": f"sha1={signature}",
    }


def describe(log: WebhookLog, answer: outbound.Answer) -> None:
    """Add the answer to a log. A redirect that is not followed is a failure; answers with 4xx and 5xx are answers."""
    log.status, log.request_headers = answer.status, answer.sent_headers
    if answer.status in REDIRECTS:
        log.response_data = f"{FAILED}the redirect to {answer.header('Location') or 'nowhere'} was not followed"
        return
    log.response_data = json.dumps({"content": answer.text}, ensure_ascii=False)
    log.response_headers, log.duration = answer.headers, answer.duration


def is_unanswered(log: WebhookLog) -> bool:
    """Whether a request was sent and nobody answered. One that we refused to send has no headers."""
    return log.status == 0 and bool(log.request_headers)


def keep(log: WebhookLog) -> None:
    """Store a log, and delete the oldest ones of its webhook."""
    log.save()
    mine = WebhookLog.objects.filter(webhook=log.webhook)
    newest = list(mine.order_by("-created", "-id").values_list("pk", flat=True)[:LOGS])
    mine.exclude(pk__in=newest).delete()
