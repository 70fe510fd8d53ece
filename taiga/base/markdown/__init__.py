"""Markdown: the text that people write, as safe HTML in the dialect that Taiga's clients know."""

from taiga.base.markdown.html5 import cleaned
from taiga.base.markdown.renderer import Rendered, render
from taiga.base.markdown.surroundings import ProjectText

__all__ = ["ProjectText", "Rendered", "cleaned", "render"]
