"""One, two and four processes on one PostgreSQL: prepared, for several on one database are not built yet."""

from .driving import Run
from .figures import Figures, Row

PROCESSES = (1, 2, 4)


async def several(run: Run) -> list[Row]:
    """One row for each number of processes."""
    return [
        Row("several", f"storm of {run.size.storms[0]:,} on PostgreSQL, processes: {count}", *(Figures("not yet"),) * 3)
        for count in PROCESSES
    ]
