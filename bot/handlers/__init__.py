"""What each kind of message becomes. A handler translates an update into acts of the turn, and ends.

They are asked in this order: `calling`, whatever else is going on; `enrolment`, for somebody who is being enrolled;
`commands` and `changes`; then `words`, for everything else.
"""
