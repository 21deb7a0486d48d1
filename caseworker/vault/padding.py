"""Hide the length of a text: ``u16 length | utf-8 | zeros`` to 128 bytes, above that to the next multiple of 512."""

from caseworker.vault.errors import FormatRefused, TextTooLong

SMALL, STEP = 128, 512
LENGTH_BYTES = 2
MAX_TEXT_BYTES = 0xFFFF


def padded_size(length: int) -> int:
    """Return the size of the padded block for a text of *length* bytes."""
    needed = LENGTH_BYTES + length
    return SMALL if needed <= SMALL else -(-needed // STEP) * STEP


def pad(text: str) -> bytes:
    """Return the padded block of *text*; an absent text is the empty string. Raises ``TextTooLong`` above 65,535 bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_TEXT_BYTES:
        raise TextTooLong
    return (len(raw).to_bytes(LENGTH_BYTES, "big") + raw).ljust(padded_size(len(raw)), b"\0")


def unpad(block: bytes) -> str:
    """Return the text; raises ``FormatRefused`` unless the size and every padding byte are exactly as :func:`pad` makes them."""
    length = int.from_bytes(block[:LENGTH_BYTES], "big")
    end = LENGTH_BYTES + length
    if len(block) != padded_size(length) or any(block[end:]):
        raise FormatRefused
    try:
        return block[LENGTH_BYTES:end].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise FormatRefused from None
