"""The API as an OpenAPI 3.1 document, generated from the declarations that route, validate and answer requests."""

from taiga.base.openapi.paths import document

__all__ = ["document"]
