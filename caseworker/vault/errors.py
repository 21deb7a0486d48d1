"""What can go wrong in the vault. No message carries a value, a length or a cause that would help an attacker."""


class VaultError(Exception):
    """Base of everything the vault refuses."""

    def __init__(self) -> None:
        """Carry the class's fixed sentence and nothing else."""
        super().__init__(self.__class__.__doc__)


class FormatRefused(VaultError):
    """The bytes are not in a format this version reads."""


class OpenFailed(VaultError):
    """The ciphertext does not open with this key in this place."""


class CommitmentMismatch(VaultError):
    """The data key is not the one the record was made with."""


class KeySubstituted(VaultError):
    """The stored public key does not belong to the opened seed."""


class TextTooLong(VaultError):
    """The text is longer than a sealed field can hold."""


class WordsRefused(VaultError):
    """The words are not words of the list."""


class SheetRefused(VaultError):
    """The recovery sheet was not typed as it is printed."""


class ShareMissing(VaultError):
    """A recovery sheet that the policy asks for was not typed, or its share is not there."""


class RingForgotten(VaultError):
    """The key ring has been locked."""
