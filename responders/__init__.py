"""The responders' door: alarms with buttons, and what people press and write in answer, on python-telegram-bot.

The rules:

* Handlers translate an update into acts of the turn and end. Nobody speaks but the channels, and they only when the
  outbox hands them a letter.
* A button names its incident and what its reader saw. One that names anything that is not open for this person is
  answered calmly and changes nothing.
* Names, texts and files from people are escaped, cut to length and kept from turning the line around them.

Read `door.py`, then `alarm.py` (what an alarm says) and `pressing.py` (what its buttons do).
"""
