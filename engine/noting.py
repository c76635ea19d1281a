"""Events and effects as the journal notes them: a name in snake case, and their fields as ids and words."""

from .letter import Words


def name_of(word: object) -> str:
    """The journal's name of an event or effect: its class in snake case."""
    name = type(word).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def fields_of(word: object) -> dict[str, Words]:
    """The fields of an event or effect as ids and words."""
    return {name: _flat(getattr(word, name)) for name in getattr(word, "__dataclass_fields__", {})}


def _flat(value: object) -> Words:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_flat(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
