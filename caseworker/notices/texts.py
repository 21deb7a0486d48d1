"""Everything a notice can say. The same bytes for everybody, in both languages, so that nothing of whom it goes to can be read off it."""

SUBJECT = "Reminder / Напоминание"
REMINDER = "It is time to look in.\nПора заглянуть.\n"
LOOK_SOON = "Please look in soon.\nПожалуйста, загляните поскорее.\n"
_CODE = "Your code / Ваш код: {} {}\n"
CODE_DIGITS = 8


def code_text(code: str) -> str:
    """Return the text that carries a code of eight digits."""
    return _CODE.format(code[:4], code[4:])
