"""The systemd unit: what the service may do is exactly this list, and a stranger's judge finds it tight."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.setting_sources import CREDENTIALS
from config.settings import Settings

UNIT = Path(__file__).resolve().parents[2] / "config" / "deploy" / "tocsin.service"
HELD = {
    "Type": ["exec"],
    "User": ["tocsin"],
    "Group": ["tocsin"],
    "UMask": ["0077"],
    "StateDirectory": ["tocsin"],
    "StateDirectoryMode": ["0700"],
    "Restart": ["always"],
    "MemorySwapMax": ["0"],
    "LimitCORE": ["0"],
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "AmbientCapabilities": [""],
    "PrivateUsers": ["yes"],
    "RestrictSUIDSGID": ["yes"],
    "RestrictNamespaces": ["yes"],
    "LockPersonality": ["yes"],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    "PrivateDevices": ["yes"],
    "PrivateMounts": ["yes"],
    "ProtectProc": ["invisible"],
    "ProcSubset": ["pid"],
    "ProtectClock": ["yes"],
    "ProtectHostname": ["yes"],
    "ProtectKernelLogs": ["yes"],
    "ProtectKernelModules": ["yes"],
    "ProtectKernelTunables": ["yes"],
    "ProtectControlGroups": ["yes"],
    "RemoveIPC": ["yes"],
    "MemoryDenyWriteExecute": ["yes"],
    "RestrictRealtime": ["yes"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
    "SystemCallErrorNumber": ["EPERM"],
    "RestrictAddressFamilies": ["AF_INET AF_INET6 AF_UNIX"],
}
OPENS_SOMETHING = (
    "ReadWritePaths",
    "BindPaths",
    "DeviceAllow",
    "SupplementaryGroups",
    "SetCredential",
)
EXPOSURE = 20  # tenths, of systemd's own judgement, from 0 to 100

UNDER_THE_SAME_RULE = """
import ctypes, mmap
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: Linux 6.3, linux/prctl.h
    print("this kernel does not know the rule")
    raise SystemExit
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    import bot.door, responders.door, psycopg, pyrage, tocsin.service
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
    AESGCMSIV(bytes(32)).encrypt(bytes(12), b"", b"")
    print("runs")
"""

judge = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")


def service(text: str) -> dict[str, list[str]]:
    """What stands in [Service]: for each name its values, in order."""
    section = text.partition("\n[Service]\n")[2].partition("\n[")[0]
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_allows_what_is_listed_and_no_more() -> None:
    unit = service(UNIT.read_text(encoding="utf-8"))

    assert {name: unit.get(name) for name in HELD} == HELD
    assert [name for name in OPENS_SOMETHING if name in unit] == []


def test_no_secret_is_handed_over_in_the_clear() -> None:
    unit = service(UNIT.read_text(encoding="utf-8"))

    assert "LoadCredential" not in unit
    assert not re.search(r"TOKEN|PASSWORD|KEK", " ".join(unit["Environment"]))


def test_every_credential_of_the_unit_is_one_that_is_read() -> None:
    named = service(UNIT.read_text(encoding="utf-8"))["LoadCredentialEncrypted"]
    settings = {f"tocsin.{name}" for name in Settings.model_fields}

    assert CREDENTIALS == "CREDENTIALS_DIRECTORY"
    assert [name for name in named if name not in settings and not re.fullmatch(r"kek-\w+\.key", name)] == []
    assert {"tocsin.defender_bot_token", "tocsin.responder_bot_token", "kek-1.key"} <= set(named)


@judge
def test_systemd_itself_finds_the_unit_tight() -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", str(UNIT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for tocsin.service: ([\d.]+)", judged.stdout)

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert found is not None
    assert float(found[1]) * 10 <= EXPOSURE


@judge
def test_the_judge_would_find_a_loose_unit(tmp_path: Path) -> None:
    loose = tmp_path / "tocsin.service"
    text = UNIT.read_text(encoding="utf-8")
    loose.write_text(re.sub(r"^(SystemCallFilter|Protect\w+|CapabilityBoundingSet)=.*\n", "", text, flags=re.MULTILINE))

    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", str(loose)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert judged.returncode != 0


@pytest.mark.skipif(sys.platform != "linux", reason="the rule is one of Linux")
def test_nothing_of_ours_makes_code_in_memory() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", UNDER_THE_SAME_RULE], cwd=UNIT.parents[2], capture_output=True, text=True, check=False
    )
    if "does not know" in ran.stdout:
        pytest.skip(ran.stdout.strip())

    assert ran.stdout.strip() == "runs", ran.stderr
