"""`tocsin doctor`: what is wrong, and what to do."""

import asyncio
from typing import TYPE_CHECKING

import click

from tocsin.printing import AS_JSON, print_json
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from tocsin.checks import Check, Finding


@click.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """Look at everything that this instance needs. Exit code 1 when anything is wrong."""
    findings = _settings_and_the_rest(show_progress=not as_json)
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            _print(finding)
    wrong = sum(not finding.ok for finding in findings)
    if wrong:
        raise Refused("One thing is wrong." if wrong == 1 else f"{wrong} things are wrong.")


def _settings_and_the_rest(*, show_progress: bool) -> "list[Finding]":
    from engine.clock import SystemClock
    from tocsin.checks import Finding, all_checks
    from tocsin.opening import read_settings

    try:
        settings = read_settings()
    except Refused as refusal:
        return [Finding("settings", False, line) for line in refusal.format_message().splitlines()]
    checks = all_checks(settings, SystemClock())
    findings = [Finding("settings", True, "They can be read, and make sense.")]
    return findings + asyncio.run(_look(checks, show_progress=show_progress))


async def _look(checks: "list[tuple[str, Check]]", *, show_progress: bool) -> "list[Finding]":
    from tocsin.progress import progress

    found: list[Finding] = []
    with progress(len(checks), shown=show_progress) as begin:
        for name, look in checks:
            begin(f"Looking at the {name}")
            found += await look()
    return found


def _print(finding: "Finding") -> None:
    if not finding.ok:
        mark = click.style("✗", fg="red", bold=True)
    else:
        mark = click.style("!", fg="yellow") if finding.doubt else click.style("✓", fg="green")
    click.echo(f"{mark} {finding.check.ljust(16)} {finding.said}")
