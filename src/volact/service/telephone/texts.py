"""Everything that the menu says, in each of its languages: sentences, numbers, and the signs of telephone numbers.

A clip is the smallest thing that is said. There is a fixed number of them, so each is rendered once, and none holds
anything of a caller: digits of IDs are said by the clips of single digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LANGUAGES = ("en", "fr", "no")
TAGS = {"en": "en-GB", "fr": "fr-FR", "no": "nb-NO"}  # as BCP 47 has them

NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt",
    "no": "null en to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten "
    "tjue",
}
SENTENCES = {
    "choose": (
        "Activation by telephone. For English, press one.",
        "Pour le français, appuyez sur deux.",
        "For norsk, trykk tre.",
    ),
    "begin": (
        "Have the installation ID of your computer at hand: eight groups of seven digits. Press star and hash to go "
        "back by one group, hash to hear a question again, zero and hash for a person.",
        "Préparez l'identifiant d'installation de votre ordinateur : huit groupes de sept chiffres. Appuyez sur étoile "
        "puis dièse pour revenir d'un groupe, sur dièse pour réécouter, sur zéro puis dièse pour parler à quelqu'un.",
        "Ha installasjons-ID-en til datamaskinen klar: åtte grupper på sju siffer. Trykk stjerne og firkant for å gå "
        "tilbake en gruppe, firkant for å høre om igjen, null og firkant for å snakke med noen.",
    ),
    "type_group": ("Type group", "Tapez le groupe", "Tast gruppe"),
    "group": ("Group", "Groupe", "Gruppe"),
    "does_not_fit": (
        "does not fit. Compare its digits and type it again.",
        "n'est pas juste. Comparez ses chiffres et tapez-le encore une fois.",
        "stemmer ikke. Sammenlign sifrene og tast den på nytt.",
    ),
    "stuck": (
        "For a person, press zero and hash.",
        "Pour parler à quelqu'un, appuyez sur zéro puis dièse.",
        "Trykk null og firkant for å snakke med noen.",
    ),
    "confirmed": (
        "Your computer is confirmed. Write down the confirmation ID: twenty groups of seven digits. After each group, "
        "press one for the next, two to hear it again, star to go back, zero for a person.",
        "Votre ordinateur est confirmé. Notez l'identifiant de confirmation : vingt groupes de sept chiffres. Après "
        "chaque groupe, appuyez sur un pour le suivant, deux pour réécouter, étoile pour revenir, zéro pour parler à "
        "quelqu'un.",
        "Datamaskinen er bekreftet. Skriv ned bekreftelses-ID-en: tjue grupper på sju siffer. Etter hver gruppe: trykk "
        "en for den neste, to for å høre den om igjen, stjerne for å gå tilbake, null for å snakke med noen.",
    ),
    "repeated": (
        "It was confirmed before; nothing was taken from your key.",
        "Il l'était déjà ; rien n'a été décompté de votre clé.",
        "Den var bekreftet fra før; ingenting er trukket fra nøkkelen.",
    ),
    "last": (
        "That was the last group. Press one to end, two to hear it again, star to go back.",
        "C'était le dernier groupe. Appuyez sur un pour terminer, deux pour réécouter, étoile pour revenir.",
        "Det var den siste gruppen. Trykk en for å avslutte, to for å høre den om igjen, stjerne for å gå tilbake.",
    ),
    "end": (
        "Now type the confirmation ID into your computer. Goodbye.",
        "Tapez maintenant l'identifiant de confirmation sur votre ordinateur. Au revoir.",
        "Tast nå bekreftelses-ID-en på datamaskinen. Ha det bra.",
    ),
    "mak_exhausted": (
        "All activations of this key are used. The activation center can raise their number.",
        "Toutes les activations de cette clé sont utilisées. Le centre d'activation peut en augmenter le nombre.",
        "Alle aktiveringene for denne nøkkelen er brukt. Aktiveringssenteret kan øke antallet.",
    ),
    "key_blocked": (
        "This key is blocked by its publisher.",
        "Cette clé est bloquée par l'éditeur.",
        "Denne nøkkelen er sperret av utgiveren.",
    ),
    "key_unknown": (
        "This installation ID belongs to no key that is known here. Is it from the right computer, and complete?",
        "Cet identifiant d'installation n'appartient à aucune clé connue. Vient-il du bon ordinateur, et est-il "
        "complet ?",
        "Denne installasjons-ID-en hører ikke til noen kjent nøkkel. Er den fra riktig datamaskin, og er den hel?",
    ),
    "key_wrong_kind": (
        "A key of this kind is not activated by telephone.",
        "Une clé de ce type ne s'active pas par téléphone.",
        "En nøkkel av dette slaget aktiveres ikke på telefon.",
    ),
    "host_limit_reached": (
        "All hosts that this key allows are set up. The activation center can free a place.",
        "Tous les serveurs que cette clé permet sont en place. Le centre d'activation peut en libérer une.",
        "Alle vertene som denne nøkkelen tillater, er satt opp. Aktiveringssenteret kan frigjøre en plass.",
    ),
    "confirmation_returned": (
        "The activation of this computer was given back.",
        "L'activation de cet ordinateur a été rendue.",
        "Aktiveringen av denne datamaskinen er gitt tilbake.",
    ),
    "too_many_requests": (
        "Too many computers were activated by telephone. Try again tomorrow.",
        "Trop d'ordinateurs ont été activés par téléphone. Réessayez demain.",
        "For mange datamaskiner er aktivert på telefon. Prøv igjen i morgen.",
    ),
    "other": (
        "This installation ID cannot be confirmed by the menu.",
        "Cet identifiant d'installation ne peut pas être confirmé par ce menu.",
        "Denne installasjons-ID-en kan ikke bekreftes av menyen.",
    ),
    "center": (
        "The activation center has the number",
        "Le numéro du centre d'activation est le",
        "Aktiveringssenteret har nummer",
    ),
    "after_refusal": (
        "Press one to type another installation ID, zero for a person.",
        "Appuyez sur un pour taper un autre identifiant d'installation, sur zéro pour parler à quelqu'un.",
        "Trykk en for å taste en annen installasjons-ID, null for å snakke med noen.",
    ),
    "case": (
        "A person takes over, with what you have typed. Your case has the number",
        "Quelqu'un prend la suite, avec ce que vous avez tapé. Votre dossier porte le numéro",
        "Noen tar over, med det du har tastet. Saken din har nummer",
    ),
    "again": ("Once more:", "Encore une fois :", "En gang til:"),
    "connected": ("You are being connected.", "Nous vous mettons en relation.", "Du blir satt over."),
    "goodbye": ("Goodbye.", "Au revoir.", "Ha det bra."),
    "nobody": (
        "Nobody can take over now, because too many callers wait.",
        "Personne ne peut prendre la suite maintenant : trop d'appels attendent.",
        "Ingen kan ta over nå, fordi for mange venter.",
    ),
    "silence": (
        "Nothing was pressed. Call again when you are ready: nothing is lost.",
        "Rien n'a été tapé. Rappelez quand vous serez prêt : rien n'est perdu.",
        "Ingenting ble tastet. Ring igjen når du er klar: ingenting er tapt.",
    ),
    "not_now": (
        "Activation by telephone cannot answer now. Call again later: nothing is lost.",
        "L'activation par téléphone ne peut pas répondre maintenant. Rappelez plus tard : rien n'est perdu.",
        "Aktivering på telefon kan ikke svare nå. Ring igjen senere: ingenting er tapt.",
    ),
    "plus": ("plus", "plus", "pluss"),
}
REFUSALS = (
    "confirmation_returned",
    "host_limit_reached",
    "key_blocked",
    "key_unknown",
    "key_wrong_kind",
    "mak_exhausted",
    "too_many_requests",
)


class Clip(NamedTuple):
    """The smallest thing that is said: a sentence of the table, or a number such as `n7`."""

    language: str
    name: str

    @property
    def text(self) -> str:
        """What is said; a KeyError for a clip that there is not."""
        return _TEXTS[self]


def number(language: str, value: int) -> Clip:
    """A number from 0 to 20."""
    return Clip(language, f"n{value}")


def digits(language: str, text: str) -> tuple[Clip, ...]:
    """Digits one by one, and a plus; whatever else stands between them is passed over."""
    return tuple(Clip(language, "plus" if sign == "+" else f"n{sign}") for sign in text if sign in "+0123456789")


def spoken(clips: Iterable[Clip]) -> str:
    """What is said, as one text."""
    return " ".join(clip.text for clip in clips)


_TEXTS = {
    **{Clip(each, name): texts[place] for name, texts in SENTENCES.items() for place, each in enumerate(LANGUAGES)},
    **{number(each, value): word for each in LANGUAGES for value, word in enumerate(NUMBERS[each].split())},
}
CLIPS = tuple(_TEXTS)
