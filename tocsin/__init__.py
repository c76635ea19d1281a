"""The front door: the command line, and the one place that knows every room.

`cli.py` is what people type; each group of commands is one file of `commands/`. `service.py` opens the rooms in order
and closes them in reverse; `demo.py` does so on the stage. What is heavy is imported by the command that needs it.
"""
