"""Markdown in Taiga's dialect, rendered to safe HTML."""

from taiga.base.markdown.html5 import cleaned
from taiga.base.markdown.renderer import Rendered, render
from taiga.base.markdown.surroundings import ProjectText

__all__ = ["ProjectText", "Rendered", "cleaned", "render"]
