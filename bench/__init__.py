"""The benchmark: how soon and how much, beside the least that the machine could do it in, and beside the plain design.

`python -m bench` (`make bench`) runs the cases one after the other and prints one table. The service under test is the
real one, `tocsin run`, in a process of its own with both real bots; the messenger and the driver share this process.
Every figure stands beside its floor, measured in the same run (`floors.py`), and beside a service that does the same
job the way it is usually done (`naive.py`). Nothing here gates anything by the clock.

    messenger.py   a messenger that only takes the time: what was sent to which chat, and when
    instance.py    a folder with keys, a database and its people, and the environment of a service on it
    processes.py   one process: until it is ready, its CPU, its memory, its end
    postgres.py    the bundled PostgreSQL, and what it costs
    floors.py      the least that this machine could do it in; bare.py, several processes of that
    naive.py       the plain design
    figures.py     percentiles, and one row of the table
    driving.py     a service between its start and its end, and what a case does to it
    table.py       the table, and its place in the README
    cases          panic.py deadline.py storm.py checkins.py ticks.py starting.py several.py
"""
