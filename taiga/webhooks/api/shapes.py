"""What the addresses of webhooks answer with."""

from taiga.base.answers import INTEGER, Shape, columns
from taiga.webhooks.models import Webhook, WebhookLog
from taiga.webhooks.queries import webhooks

WEBHOOK = Shape(
    "Webhook",
    lambda: {**columns(Webhook, ("id", "project", "name", "url", "key")), "logs_counter": INTEGER},
    text="A URL that receives every change of a project.",
)
LOG = Shape(
    "WebhookLog",
    lambda: columns(WebhookLog, [name.removesuffix("_id") for name in webhooks.LOG]),
    text="One attempt to deliver to a webhook.",
)
