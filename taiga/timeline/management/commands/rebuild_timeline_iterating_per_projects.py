"""The same as `rebuild_timeline`, which goes from project to project anyway."""

from taiga.timeline.management.commands.rebuild_timeline import Command as RebuildTimeline


class Command(RebuildTimeline):
    help = "As rebuild_timeline: delete and make anew the rows of timelines, project by project."
