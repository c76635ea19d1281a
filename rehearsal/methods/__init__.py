"""What a bot can ask of the messenger, one file for each subject.

A method is a function `(messenger, bot, arguments) -> Outcome`; it raises Refused to say no.
"""

from . import changing, profile, sending, updating
from .outcome import Method, Outcome

METHODS: dict[str, Method] = {
    name.lower(): method
    for subject in (sending, changing, profile, updating)
    for name, method in subject.METHODS.items()
}

__all__ = ["METHODS", "Method", "Outcome"]
