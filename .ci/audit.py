"""Ask the advisory database about every package of requirements-dev.lock: `make audit`. Needs the network.

Exit codes: 0 no known fault, 1 known faults, 2 it could not be asked. An answer that leaves packages out is no answer:
a registry that knows nothing of advisories would otherwise look like a clean bill."""

import json
import subprocess  # nosec B404 # starts pip-audit and nothing else
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
ASK = [
    str(HOUSE / ".venv" / "bin" / "pip-audit"), "--format=json", "--disable-pip", "--require-hashes",
    "--progress-spinner=off", f"--cache-dir={HOUSE / '.cache' / 'pip-audit'}",
    "--requirement", str(HOUSE / "requirements-dev.lock"),
]  # fmt: skip
UNREACHED = "The advisory database could not be asked{what}: run `make audit` where the network lets you reach it."


def verdict(answer: str) -> tuple[int, list[str]]:
    """The exit code, and what to say, for what pip-audit wrote; nothing written means that it was not answered."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 2, [UNREACHED.format(what="")]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in packages
        for fault in one.get("vulns", [])
    ]
    said = [*faults, f"{len(faults) or 'No'} known fault{'s' * (len(faults) > 1)} in {len(packages)} packages."]
    if unasked := sum("skip_reason" in one for one in packages):
        said = [*faults, UNREACHED.format(what=f" about {unasked} of {len(packages)} packages")]
    return 1 if faults else 2 if unasked else 0, said


def main() -> int:
    """Ask, and say what came of it."""
    asked = subprocess.run(ASK, capture_output=True, text=True, check=False)  # nosec B603 # noqa: S603 - our own words
    code, said = verdict(asked.stdout)
    print(*said, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
