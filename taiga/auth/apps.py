"""Who is asking: tokens of people and of other applications."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "taiga.auth"
    label = "tokens"
