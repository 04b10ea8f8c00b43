"""From a report to the files of its run: relative paths, so that both can be moved together. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Links:
    """Where the run's folder is, seen from the report."""

    folder: str

    @classmethod
    def between(cls, report: Path, run: Path) -> Links:
        """From a report in the folder `report` to the folder of a run."""
        try:
            return cls(Path(os.path.relpath(run.resolve(), report.resolve())).as_posix())
        except ValueError:  # on another drive
            return cls(run.resolve().as_posix())

    def to(self, file: str | None) -> str | None:
        """A link to a file of the run; None for one outside its folder, which only a forged journal names."""
        if not file:
            return None
        path = PurePosixPath(file)
        if not path.parts or path.is_absolute() or ".." in path.parts:
            return None
        return quote((PurePosixPath(self.folder) / path).as_posix(), safe="/")
