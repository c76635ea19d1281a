"""The simulation: years of the whole service in minutes, under one clock and one seed.

The real store, the real engine and both real bots run against the stage, on an event loop of our own whose time jumps
to the next timer when nothing is ready, and whose network and threads are in memory. A seed draws who there is, what
they do, and what goes wrong; an auditor compares what everybody heard with what was promised. The same seed gives the
same run, to the letter. `docs/simulation.md` tells how to read it.

Nothing imports this room, and it is not installed with the service.
"""
