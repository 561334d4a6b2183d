"""Charts drawn: the one home of the drawing library, which is imported only when a chart is drawn.

The same numbers give the same bytes: no clock, no random names, one font that comes along. In SVG every text stays
text, and colours are classes, so that the page decides between light and dark.
"""

from harvester.report.charts.draw import NARROW, WIDE, png, svg
from harvester.report.charts.files import standalone, written

__all__ = ("NARROW", "WIDE", "png", "standalone", "svg", "written")
