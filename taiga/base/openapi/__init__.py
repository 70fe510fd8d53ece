"""The API as an OpenAPI 3.1 document, made of the declarations that route, check and answer."""

from taiga.base.openapi.paths import document

__all__ = ["document"]
