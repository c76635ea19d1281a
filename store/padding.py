"""Padding: what is sealed has one of few lengths, so that its length says little about it.

The content, its length before it in four bytes, is filled up with zeros to the next bucket. What no bucket holds takes
a multiple of the largest one.
"""

from .refusals import SealBroken

FIELD_BUCKETS = (256, 1024, 4096, 16_384)  # bytes, with the length: names, texts, states
RAW_BUCKETS = (2048, 16_384, 131_072, 1_048_576)  # bytes: updates as a messenger gives them
LENGTH_BYTES = 4


def pad(content: bytes, buckets: tuple[int, ...] = FIELD_BUCKETS) -> bytes:
    """`content` filled up to a bucket."""
    needed = LENGTH_BYTES + len(content)
    largest = buckets[-1]
    size = next((bucket for bucket in buckets if needed <= bucket), -(-needed // largest) * largest)
    return (len(content).to_bytes(LENGTH_BYTES, "big") + content).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    """What `pad` was given. Raises SealBroken when it cannot have come from there."""
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    content, filling = padded[LENGTH_BYTES : LENGTH_BYTES + length], padded[LENGTH_BYTES + length :]
    if len(padded) < LENGTH_BYTES or len(content) != length or filling != bytes(len(filling)):
        raise SealBroken("What was opened is not padded as it should be.")
    return content
