"""Invented contacts, names and stories for the demo: reserved phone ranges, ``fx_`` handles, example domains, no real person."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

PSEUDONYMS = (
    "Клён", "Ветер", "Сосна", "Тихий", "Север", "Лиса", "Мост", "Гранит", "Ручей", "Камыш", "Полынь", "Ясень",
    "Комета", "Берег", "Туман", "Орех", "Стриж", "Кедр", "Рябина", "Якорь", "Маяк", "Заря", "Иволга", "Снег",
)  # fmt: skip
WORDS = (
    "ash",
    "birch",
    "cedar",
    "drift",
    "ember",
    "fjord",
    "grove",
    "heron",
    "inlet",
    "juniper",
    "kelp",
    "linden",
    "moss",
    "north",
)
STORIES: Mapping[str, tuple[str, ...]] = {
    "hospital": (
        "Лежит после ранения, выписка через несколько дней. Возвращаться не хочет. Спрашивает, что можно сделать по закону.",
        "Операция прошла, ждёт комиссию. Командир торопит с возвращением. Документы частично на руках.",
    ),
    "leave": ("Дали короткий отпуск, решил не возвращаться. Спрашивает о последствиях и о семье.",),
    "front": ("Пишет жена: на связи раз в неделю, просит узнать, как ему отказаться.",),
    "awol_inside": (
        "Ушёл давно, живёт у знакомых и никому не говорит. Устал прятаться, хочет понять, какие есть пути.",
        "Полтора года скрывается. Раньше не писал, боялся. Загранпаспорта нет.",
    ),
    "abroad_transit": ("Уже выехал по внутреннему паспорту. Срок пребывания заканчивается, нужен совет.",),
    "detention": ("Родные сообщают: задержали, держат в комендатуре. Нужен адвокат.",),
}
FALLBACK = ("Спрашивает, как отказаться и к кому обратиться. Просит писать вечером.",)
NOTES = (
    "Связались, отвечает спокойно, история сходится.",
    "Просил не звонить. Договорились о следующей связи.",
    "Юрист объяснил последствия, решение за ним.",
    "Доехал, всё в порядке. Дальше по плану.",
)


@dataclass(frozen=True)
class Persona:
    """What an invented person would type: contact lines, a pseudonym, a story."""

    contacts: tuple[str, ...]
    name: str
    story: str


def _phone(rng: random.Random) -> str:
    """Return a number from a range reserved for fiction (Ofcom's drama mobiles, or NANP 555-01xx)."""
    if rng.random() < 0.5:
        return f"+44 7700 900{rng.randrange(1000):03d}"
    return f"+1 202 555 01{rng.randrange(100):02d}"


def _handle(rng: random.Random) -> str:
    return f"fx_{rng.choice(WORDS)}_{rng.choice(WORDS)}_{rng.randrange(10000):04d}"


def _contact(rng: random.Random, channel: str) -> str:
    match channel:
        case "telegram_bot" | "telegram_dm":
            return "@" + _handle(rng)
        case "email" | "web_form" | "partner":
            return f"{_handle(rng)}@example.org"
        case "signal":
            return f"{_handle(rng)}.{rng.randrange(10, 99)}"
    return _phone(rng)


def invent_persona(rng: random.Random, *, channel: str, situation: str) -> Persona:
    """Invent one person who writes through *channel* from *situation*; one in four gives a second contact."""
    contacts = [_contact(rng, channel)]
    if rng.random() < 0.25:
        contacts.append(_phone(rng))
    return Persona(tuple(contacts), rng.choice(PSEUDONYMS), rng.choice(STORIES.get(situation, FALLBACK)))
