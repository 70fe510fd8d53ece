"""Authentication: tokens of users and of applications."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "taiga.auth"
    label = "tokens"
