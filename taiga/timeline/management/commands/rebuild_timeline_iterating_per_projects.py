"""The same as `rebuild_timeline`, which goes from project to project anyway."""

from taiga.timeline.management.commands.rebuild_timeline import Command as RebuildTimeline


class Command(RebuildTimeline):
    help = "Same as rebuild_timeline: delete and rebuild timelines, project by project."
