"""A progress bar for work that takes seconds: on a terminal's standard error only, and gone when the work is done."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Step = Callable[[str], None]


@contextmanager
def progress(total: int, *, shown: bool = True) -> Iterator[Step]:
    """Gives a function to call when the next of `total` steps begins, with what it is."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    with Progress(*columns, console=console, transient=True, disable=not (shown and sys.stderr.isatty())) as bar:
        task = bar.add_task("", total=total, completed=-1)

        def begin(what: str) -> None:
            bar.update(task, advance=1, description=what)

        yield begin
