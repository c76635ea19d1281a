"""What runs: raw input is taken in, one event is one transaction, time is kept, and what must be said is delivered.

The seam with the doors is three files: `door.py` (what a door does for us), `turn.py` (what a door may do with one
update) and `letter.py` (what a channel is handed, and how it fails).
"""
