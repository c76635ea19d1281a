"""The defenders' door: what people at risk write becomes acts of a turn, and letters become messages in their chat.

Begin with `door.py`; `glance.py` and `panic.py` are what a call for help depends on. Nothing here decides, polls or
waits, and only `channel.py` speaks. aiogram is imported by what decodes and delivers, not by this page.
"""
