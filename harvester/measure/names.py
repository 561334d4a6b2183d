"""The name of every number that a report may have; which of them it has depends on the event."""

from __future__ import annotations

from typing import Final

METRICS: Final = (
    "M01.not_counted", "M01.volume",
    "M02.ratio", "M02.share",
    "M03.contributors", "M03.stories_per_writer",
    "M04.at_least", "M04.found", "M04.overlap", "M04.ratio_if_missed", "M04.stratum",
    "M05.timeline",
    "M06.afterglow", "M06.baseline_lift", "M06.first_day", "M06.t50", "M06.t90",
    "M07.reignition",
    "M08.new_share", "M08.return_rate",
    "M09.cohort", "M09.not_seen_since",
    "M10.contribution_rate",
    "M11.answered", "M11.first_followers", "M11.median_hours", "M11.unanswered",
    "M12.engaged", "M12.one_hop", "M12.potential", "M12.unknown_followers", "M12.who",
    "M13.reactions", "M13.times", "M13.top",
    "M14.leader", "M14.tiers",
    "M15.absence_factor", "M15.effective_writers", "M15.elephant_factor", "M15.gini", "M15.top_share",
    "M16.topics",
    "M17.contribution_rate", "M17.conversation", "M17.first_day_share", "M17.kinds_per_contributor",
    "M17.return_phrases",
    "M18.change", "M18.contributors",
    "M19.community_share", "M19.events_by_others", "M19.talks_by_others",
    "M20.arrived", "M20.climbed", "M20.not_seen", "M20.stayed", "M20.stepped_back", "M20.transitions",
    "M21.cities", "M21.events", "M21.gap", "M21.nps", "M21.typed_in",
    "M22.agreement", "M22.attendance_list", "M22.audit", "M22.corrected", "M22.corrected_ratio", "M22.fetches",
    "M22.merged", "M22.not_covered", "M22.off_topic", "M22.outside_window", "M22.rejected", "M22.sources",
    "M22.unclassified", "M22.undated", "M22.unlinked_handles",
)  # fmt: skip
