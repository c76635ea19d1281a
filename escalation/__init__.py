"""The heart: every rule of the service, and nothing else.

Three small machines over frozen values. `watch` knows one agreed sign of life and when its absence is an alarm;
`incident` knows one call for help and who must be asked next; `lowering` knows what was asked with a code, and when it
counts. All are pure and total: time is an argument, no event in any state raises, nothing here talks to a database or a
network, and only the standard library is imported.

Read `watch.py`, then `incident.py`, then `lowering.py`; `python -m escalation` prints them as one table.
"""
