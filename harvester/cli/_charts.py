"""The side of `harvest report` that writes its charts as files for slides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.cli._output import replacing_bytes
from harvester.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.report.build import Report
    from harvester.report.language import Language


def write(report: Report, folder: Path, say: Language) -> list[Path]:
    """Each chart as SVG and PNG in a folder, which is made. Returns the files; raises InputError, DiskFull."""
    from harvester.report.charts import written
    from harvester.report.figures import charts

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: is no folder and cannot be made one ({error.strerror})") from error
    made = []
    for name, contents in written(chart for found in charts(report, say).values() for chart in found):
        with replacing_bytes(folder / name) as file:
            file.write(contents)
        made.append(folder / name)
    return made
