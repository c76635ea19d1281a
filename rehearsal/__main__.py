"""The stage by itself, with a scene on it: `python -m rehearsal`, for work on the page without the service.

Two bots, six phones and a board that is only painted: nothing here decides anything.
"""

import asyncio
import contextlib
import struct
import sys
import zlib
from datetime import timedelta

import aiohttp

from . import BotAccount, Phone, RehearsalClock, Stage

PORT = 8765
HELP = [[{"text": "I am safe", "callback_data": "ok"}, {"text": "Later", "callback_data": "later"}]]
ALARM = [
    [{"text": "I am on it", "callback_data": "on"}, {"text": "I cannot", "callback_data": "no"}],
    [{"text": "Seen", "callback_data": "seen"}],
]
KEYS = {
    "keyboard": [[{"text": "I am safe"}, {"text": "Panic"}], [{"text": "Share my place", "request_location": True}]]
}


def dusk(width: int = 320, height: int = 200) -> bytes:
    """A picture: the sky after the sun has gone, as a PNG."""
    rows = []
    for y in range(height):
        share = y / height
        red, green, blue = int(38 + 190 * share**2), int(44 + 100 * share**2), int(84 + 6 * share)
        rows.append(b"\0" + (bytes((red, green, blue)) * width if share < 0.82 else b"\x18\x16\x1f" * width))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class Scene:
    """What is on the stage when the page opens."""

    def __init__(self) -> None:
        self.clock = RehearsalClock()
        self.stage = Stage(self.clock, limits=False, port=PORT, board=self.board)
        self.ours = self.stage.add_bot("1:defenders", "daybook_bot", "Daybook")
        self.theirs = self.stage.add_bot("2:responders", "tocsin_alarm_bot", "Tocsin alarms")
        self.ana = self.stage.add_phone("Ana", badge="defender")
        self.bo = self.stage.add_phone("Bo", badge="contact")
        self.cleo = self.stage.add_phone("Cleo", language="fr", badge="contact")
        self.max = self.stage.add_phone("Max", language="ar", badge="lawyer")
        self.dara = self.stage.add_phone("Dara", badge="coordinator")
        self.harbour = self.stage.add_phone("Harbour", badge="partner")
        self.began = self.clock.now()

    async def board(self) -> dict[str, object]:
        """An incident that Cleo holds."""

        def at(minutes: float) -> str:
            return (self.began + timedelta(minutes=minutes)).isoformat()

        tiers = [
            {"name": "Contacts", "asked": 2, "due_at": at(-9), "people": ["Bo", "Cleo"], "cannot": ["Bo"]},
            {"name": "Lawyers", "asked": 1, "due_at": at(-4), "people": ["Max"]},
            {"name": "Partners", "asked": 0, "due_at": at(11), "people": ["Harbour"]},
            {"name": "Coordinators", "asked": 0, "due_at": at(51), "people": ["Dara"]},
        ]
        entries = [
            {"at": at(-9), "text": "Ana did not check in; contacts are asked"},
            {"at": at(-8.6), "text": "Bo cannot"},
            {"at": at(-4), "text": "Nobody has it yet; lawyers are asked as well"},
            {"at": at(-3.2), "text": "Cleo is on it until she reports, 15 minutes at most"},
        ]
        incident = {
            "id": "1", "kind": "missed check-in", "state": "held", "defender": "Ana", "opened_at": at(-9),
            "tiers": tiers, "entries": entries, "holder": "Cleo", "held_until": at(11.8),
            "next": {"what": "Cleo's hold ends; partners are asked", "at": at(11.8)},
        }  # fmt: skip
        watches = [
            {"defender": "Ana", "state": "overdue", "due_at": at(-39), "next": None},
            {"defender": "Ana", "state": "waiting", "due_at": at(95), "next": {"what": "first reminder", "at": at(35)}},
        ]
        return {"incidents": [incident], "watches": watches}

    async def play(self, http: aiohttp.ClientSession) -> None:
        """Put the conversations on the phones."""

        async def call(bot: BotAccount, method: str, phone: Phone, **said: object) -> None:
            await http.post(f"{self.stage.url}/bot{bot.token}/{method}", json={"chat_id": phone.id, **said})

        ana, ours, theirs = self.ana, self.ours, self.theirs
        ana.start(ours, "A7K2")
        await call(ours, "sendMessage", ana, text="Welcome, Ana. Check in every day at 18:00.", reply_markup=KEYS)
        ana.photo(ours, dusk(), "The road out of town this evening")
        ana.share_place(ours, -1.2841, 36.8155, 900)
        markup = {"inline_keyboard": HELP}
        await call(ours, "sendMessage", ana, text="<b>Are you safe?</b>\nYour check-in was due at 18:00.",
                   parse_mode="HTML", reply_markup=markup)  # fmt: skip
        alarm = "<b>Ana did not check in.</b>\nThree reminders, no answer. Please ring her from an ordinary number."
        for phone, button in ((self.bo, "cannot"), (self.cleo, "on it")):
            phone.start(theirs, "B" + phone.name.upper())
            await call(theirs, "sendMessage", phone, text="You are a contact. Thank you.")
            await call(
                theirs, "sendMessage", phone, text=alarm, parse_mode="HTML", reply_markup={"inline_keyboard": ALARM}
            )
            phone.press(theirs, button)
        self.cleo.voice(theirs, b"OggS", 7)
        await call(theirs, "sendMessage", self.cleo, text="You have it until <b>18:47</b>. The others have been told.",
                   parse_mode="HTML")  # fmt: skip
        self.max.start(theirs, "LAW")
        arabic = "<b>آنا لم تسجّل حضورها.</b>\nكان الموعد 18:00. كليو تتولى الأمر حتى 18:47."
        keys = {
            "inline_keyboard": [
                [{"text": "أتولى الأمر", "callback_data": "on"}, {"text": "لا أستطيع", "callback_data": "no"}]
            ]
        }
        await call(theirs, "sendMessage", self.max, text=arabic, parse_mode="HTML", reply_markup=keys)
        self.max.type(theirs, "وصلتني الرسالة، أنا جاهزة", reply_to=self.max.heard(theirs)[0].id)
        await call(theirs, "sendChatAction", self.max, action="typing")
        self.dara.start(theirs)
        await call(theirs, "sendMessage", self.dara, text="Nothing needs you now.")
        self.dara.document(theirs, b"%PDF" + bytes(48_000), "duty-roster-november.pdf")


async def main() -> None:
    """Open the stage, set the scene, and stay until interrupted."""
    scene = Scene()
    async with scene.stage, aiohttp.ClientSession() as http:
        await scene.play(http)
        sys.stdout.write(f"The stage is open: {scene.stage.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
