"""Change the code that guards, one small thing at a time, and see whether a test notices: `make mutants`.

`make mutants MUTATE="store.vault.*"` does so for a part. What is changed, and which tests are asked, stands in
pyproject.toml. It works on a copy in .cache/mutants, and ends after an hour with what it has by then.

Exit codes: 0 at least nine of ten were noticed, 1 fewer were, 2 it could not be run."""

import shutil
import subprocess  # nosec B404 # starts git and mutmut, with our own words
import sys
from collections import Counter
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
COPY = HOUSE / ".cache" / "mutants"
MUTMUT = str(HOUSE / ".venv" / "bin" / "mutmut")
LONGEST = 60 * 60  # seconds
NOTICED = {"killed", "timeout", "caught by type check"}
ENOUGH = 0.9


def tally(results: str) -> tuple[dict[str, Counter[str]], list[str]]:
    """For each file how many changes became what, and the changes that nobody noticed; of what mutmut lists."""
    of: dict[str, Counter[str]] = {}
    unnoticed = []
    for line in results.splitlines():
        name, colon, became = line.strip().partition(": ")
        if not colon or became == "not checked":
            continue
        of.setdefault(name.rpartition(".x")[0], Counter())["noticed" if became in NOTICED else became] += 1
        if became not in NOTICED:
            unnoticed.append(name)
    return of, unnoticed


def told(of: dict[str, Counter[str]]) -> tuple[bool, list[str]]:
    """Whether enough were noticed, and what to say."""
    noticed = sum(counts["noticed"] for counts in of.values())
    tried = sum(map(sum, (counts.values() for counts in of.values())))
    lines = [
        f"{module}: {counts['noticed']} of {sum(counts.values())} noticed"
        + "".join(f", {count} {word}" for word, count in sorted(counts.items()) if word != "noticed")
        for module, counts in sorted(of.items())
    ]
    share = noticed / tried if tried else 0.0
    return share >= ENOUGH, [*lines, f"Together: {noticed} of {tried} noticed ({share:.1%})."]


def copy() -> None:
    """What git would keep, as it is now, in an empty folder."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = _run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], HOUSE
    )
    for name in filter(None, listed.split("\0")):
        if (HOUSE / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HOUSE / name, COPY / name)


def _run(command: list[str], where: Path) -> str:
    ran = subprocess.run(command, cwd=where, capture_output=True, text=True, check=True)  # nosec B603 # noqa: S603 - our own words
    return ran.stdout


def main(names: list[str]) -> int:
    """Change these functions (patterns; all that are listed, without any), and say what came of it."""
    copy()
    try:
        subprocess.run([MUTMUT, "run", *names], cwd=COPY, check=True, timeout=LONGEST)  # nosec B603 # noqa: S603 - our own words
    except subprocess.TimeoutExpired:
        print("The time was over; this is what there is by now.")
    except subprocess.CalledProcessError:
        print("The changes could not be tried: the tests do not pass as they are, or mutmut does not run.")
        return 2
    of, unnoticed = tally(_run([MUTMUT, "results", "--all", "true"], COPY))
    for name in unnoticed:
        print(_run([MUTMUT, "show", name], COPY))
    enough, lines = told(of)
    print(*lines, sep="\n")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
