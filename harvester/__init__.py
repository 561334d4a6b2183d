"""Who wrote about a community event, participants or media: found, judged with evidence, measured."""

__version__ = "0.1.0"
