"""What a number may say: its value where its preconditions hold, else its state and why, and never a value.

Every face prints a number through `told`. States and flags are those of `harvester.measure.metric`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.language import later

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.language import Language

_STATES: Final = {
    "insufficient": later("too few to say"), "truncated": later("incomplete"), "unmeasured": later("not measured"),
    "not_applicable": later("does not apply"), "ok": "",
}  # fmt: skip
MEASURED: Final = frozenset({"ok", "truncated"})
# Flags that other words of the same line say: a range, "at most", "at least", or for whose eyes a row is.
_SAID_ELSEWHERE: Final = frozenset({
    "internal", "at_most", "at_least", "full_list", "half_while_live", "by_platform", "none_before", "one_post",
    "not_deduplicated", "corporate", "few_people",
})  # fmt: skip
# What follows the colon of a flag stands in {what}.
_WHY: Final = {
    "few_media": later("only few media stories"), "zero_media": later("no media story found"),
    "no_outlet_list": later("no outlet list configured"), "not_judged": later("posts are not judged yet"),
    "authors_unknown": later("all authors are of unknown kind"), "failed": later("{what} failed"),
    "skipped": later("{what} was skipped"), "truncated": later("{what} was cut off"),
    "not_reached": later("{what} was not read over the whole time"),
    "out_of_reach": later("{what} does not reach back that far"), "so_far": later("so far, still counting"),
    "first_event": later("first event of its series here"), "not_harvested": later("{what} was not harvested"),
    "no_attendance_list": later("no attendance list"), "handles_unlinked": later("some handles are not linked"),
    "coverage_below_90": later("we hold less than nine tenths of the stories"),
    "no_stories": later("no story"), "no_pages": later("no page was queued"), "few_writers": later("few writers"),
    "one_writer": later("one writer"), "few_documents": later("few texts"),
    "none_either_side": later("none in either three weeks"),
    "few_posts": later("few posts"), "few_stories": later("few stories"), "few_shared": later("few in common"),
    "few_answers": later("few answers"), "few_audited": later("few audited"),
    "few_comparable_posts": later("few comparable posts"),
    "all_undated": later("none has a date"),
    "no_dated_story": later("none has a date"), "no_answers_known": later("nobody looked for answers"),
    "no_reactions_at_equal_age": later("no reactions seen at equal age"),
    "no_followers_known": later("no number of followers is known"), "some_unknown": later("some accounts unknown"),
    "list_shorter_than_head_count": later("the list is shorter than the head count"),
    "nobody_now": later("nobody this time"), "nobody_before": later("nobody last time"),
    "approximation": later("approximation from a head count"),
    "registered_only": later("only registrations are known, not who came"),
    "more_writers_than_heads": later("more writers than heads were counted"),
    "employer_unknown": later("some employers unknown"), "employers_unknown": later("employers unknown"),
    "one_company": later("one company wrote at least half"), "no_owner_named": later("nobody behind it is named"),
    "organisers_unknown": later("organisers unknown"), "no_speakers_named": later("no speaker is named"),
    "languages_differ": later("the two sides write in different languages"), "no_text": later("no text is held"),
    "absent_and_attended_are_one": later("without attendance lists, silent and absent look the same"),
    "before_day_1": later("the first day is not over"), "before_day_7": later("day 7 is not over"),
    "before_day_8": later("day 8 has not begun"), "days_not_looked": later("some days were not searched"),
    "uneven_harvest": later("searched unevenly"), "gaps": later("some days were not searched"),
    "some_outside_days": later("some on other days"), "run_up_not_asked": later("nobody searched the weeks before"),
    "one_source": later("one source, nothing to compare"), "no_source": later("no source on record"),
    "sources_apart": later("the sources see different platforms"),
    "lists_unlike": later("some sources found far more than others"),
    "not_estimated": later("no estimate for {what}"), "some_on_no_list": later("some came from no source"),
    "one_event": later("one event only"), "one_event_only": later("one event is not enough"),
    "no_city": later("no city is named"), "not_counts": later("the numbers typed in are no counts"),
    "no_answers": later("the number of answers is missing"), "no_score": later("the score is missing"),
    "groups_unknown": later("range at its widest, the groups are unknown"),
    "labels_unchecked": later("labels unchecked"), "labels_changed": later("labels changed since"),
    "before": later("last time: {what}"), "new_source": later("{what} is new"),
    "source_gone": later("{what} was not asked this time"), "other_queries": later("{what} was asked otherwise"),
    "harvested_otherwise": later("one of the two was not crawled"), "other_rules": later("other rules"),
    "other_recipe": later("another recipe"),
    "other_outlets": later("another outlet list"), "none_either_time": later("none either time"),
    "not_begun": later("not begun"),
    "one_side_only": later("one side only"), "others_had_none": later("the others had none"),
}  # fmt: skip
# The same of several, where English says it otherwise.
_WHY_SEVERAL: Final = {
    "skipped": later("{what} were skipped"), "truncated": later("{what} were cut off"),
    "not_reached": later("{what} were not read over the whole time"),
    "out_of_reach": later("{what} do not reach back that far"), "not_harvested": later("{what} were not harvested"),
    "new_source": later("{what} are new"), "source_gone": later("{what} were not asked this time"),
    "other_queries": later("{what} were asked otherwise"),
}  # fmt: skip
# The same of nothing: a number that its posts do not reach (the median of answers where more than half have none).
_WHY_ALONE: Final = {"not_reached": later("more than half have no answer")}


def measured(metric: Metric) -> bool:
    """Whether its preconditions hold, so that its value may be printed."""
    return metric.status in MEASURED and metric.value is not None


def why(metric: Metric, say: Language) -> list[str]:
    """Its flags in words, without those that only repeat the line they stand in; the same flag of several is one."""
    found: dict[tuple[str, bool], list[str]] = {}
    for flag in metric.flags:
        name, _, what = flag.partition(":")
        if name in _SAID_ELSEWHERE:
            continue
        if before := name == "before":  # a flag of the event before
            name, _, what = what.partition(":")
        found.setdefault((name, before), []).append(what)
    told, last_time = [], _WHY["before"]
    for (name, before), whats in found.items():
        reason = _reason(name, [what for what in dict.fromkeys(whats) if what], say)
        told.append(say(last_time, what=reason) if before else reason)
    return told


def _reason(name: str, whats: list[str], say: Language) -> str:
    """A flag in words, with those that it names."""
    what = say(", ").join(whats)
    if not whats and name in _WHY_ALONE:
        return say(_WHY_ALONE[name])
    if len(whats) > 1 and name in _WHY_SEVERAL:
        return say(_WHY_SEVERAL[name], what=what)
    if name in _WHY:
        return say(_WHY[name], what=what)
    return f"{name}: {what}".removesuffix(": ").replace("_", " ")


def state(metric: Metric, say: Language) -> str:
    """Its state and reasons as a phrase, "" for a plain measured number."""
    name, reasons = _STATES[metric.status], say(", ").join(why(metric, say))
    if not name:
        return reasons
    return say("{state} ({why})", state=say(name), why=reasons) if reasons else say(name)


def in_parts(metric: Metric, say: Language) -> list[str]:
    """The same as a list, the state first, for lines that hold only so much."""
    name = _STATES[metric.status]
    return [*([say(name)] if name else []), *why(metric, say)]


def told(metric: Metric, value: str, say: Language) -> str:
    """`value` where it may be printed, with "incomplete" behind it where a source was cut off; else the state."""
    if metric.status not in MEASURED:
        return state(metric, say)
    if metric.status == "truncated":
        return say("{value} (incomplete)", value=value)
    return value
