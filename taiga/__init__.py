"""Taiga in one process: an agile project-management backend that speaks Taiga 6's API."""

__version__ = "0.1.0"
