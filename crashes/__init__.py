"""The crash matrix: the service is ended in every way, and what the messenger has taken is counted.

`python -m crashes` (`make crashes`) prints one table. The service under test is the real one in a process of its own,
with both real bots, on SQLite and on PostgreSQL. It is killed from within at its Nth commit or send, or from outside
at any moment, and begun again until a storm is through. What counts is what came to the messenger: alarms that never
did, that came twice, and that came twice without saying so. No hook of it stands in the service.

    deaths.py    how a life is to end, and what it has counted until then
    dying.py     inside the process: counting commits and sends, and dying at one of them
    served.py    the service under test
    storms.py    who is enrolled, what befalls them, and who must hear of it
    places.py    a copy of the instance for each run, on either database (the server: bench/postgres.py)
    lives.py     one storm, over as many lives as it takes
    counting.py  what became of every alarm
    kills.py     killed at every point, in strides, at random; told to stop
    troubles.py  power cuts, a database that is gone, a full disk, a clock that is ahead
    disks.py     what a disk shows after a power cut, and a disk that is full
    matrix.py    the cases and their sizes
    table.py     the table
"""
