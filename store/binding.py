"""Several parts as one string of bytes that says where each begins: nothing is ever joined with a separator."""

LONGEST_PART = 0xFFFF  # bytes; the length of a part is told in two


def bound(*parts: str | bytes) -> bytes:
    """Each part with its length before it. No other parts give the same bytes.

    Raises ValueError for a part of more than 65,535 bytes."""
    written = bytearray()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        if len(content) > LONGEST_PART:
            raise ValueError("A part that is bound has 65,535 bytes at most.")
        written += len(content).to_bytes(2, "big") + content
    return bytes(written)
