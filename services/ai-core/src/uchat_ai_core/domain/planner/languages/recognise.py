"""Tell the language of a message by its script and its small words."""

# ruff: noqa: E501 - lists of words
import re
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.languages import german, spanish
from uchat_ai_core.domain.planner.languages.german_orders import GERMAN
from uchat_ai_core.domain.planner.languages.letters import bare
from uchat_ai_core.domain.planner.languages.spanish_orders import SPANISH

ENGLISH: Final = "en"
_WORD: Final = re.compile(r"[^\W\d_]+")
_SCRIPTS: Final = (
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("el", re.compile("[\u0370-\u03ff]{3}")),
)
_KANA: Final = re.compile("[\u3040-\u30ff]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that give a language away alone, written without accents; none is a word of English.
_STRONG: Final = {
    "es": _words(
        """
        hola buenos buenas gracias que cual cuanto cuanta cuantos como esta estan compra compro
        comprar vende vendo vender cartera saldo precio muestrame dime ensename ordenes orden cancela
        cancelar ayuda tengo quiero deberia mis mercado dolares bitcoines hoy semana riesgo detener
        deten ganancia ganancias ganado perdido perdiendo compara adios puedes por posicion abiertas
        equivoque sos perdon panico boton pulsa aprieta presiona actives mejor reequilibra rebalancea avisame cuando donde porque mañana dinero invertir todas vale
        """
    ),
    "de": _words(
        """
        ich mein meine meinen meiner meines wie ist kaufe kauf kaufen verkaufe verkauf verkaufen zeig
        zeige wieviel viel habe hallo guten danke dank vielen tschuss tschuess hilfe auftrage auftraege bitte fur
        fuer nicht gewinn storniere stoppe stoppen soll sollte preis vergleiche offene kaufauftrag verkaufsauftrag kauforder verkaufsorder kauflimit verkaufslimit notaus und kostet lauft
        laeuft halfte haelfte moin servus welche welcher warum wann markt guthaben geld depot risiko
        passt darauf quatsch meinte kannst hast du dir mir vorhin vorgeschlagen zum anlegen dollar's alles sofort heute woche gerade steht
        """
    ),
    "fr": _words(
        """
        bonjour bonsoir quel quelle prix cours combien achete achetez acheter vends vendre mon ma mes
        portefeuille merci je est-ce est les du des avec pour aujourd'hui aujourd salut coute
        """
    ),
    "it": _words(
        """
        ciao buongiorno buonasera quanto vale prezzo quale oggi comprare vendi vendere il della grazie
        stai va mercato portafoglio sono acquista
        """
    ),
    "pt": _words(
        """
        ola obrigado obrigada preco quanto custa agora compre venda meu minha carteira voce qual nao
        do da bom dia
        """
    ),
    "nl": _words("hoeveel koop verkoop prijs mijn goedemorgen hoe gaat het een wat van"),
    "pl": _words("cena kup sprzedaj ile kosztuje moj czesc dziekuje jak"),
    "tr": _words("merhaba fiyat fiyati kac ne kadar satin al sat tesekkurler"),
}  # fmt: skip


def _of_table(phrases: str) -> frozenset[str]:
    """The words of a table of phrases that are no words of English and of no other language."""
    pairs = [line.partition("=") for line in phrases.strip().splitlines()]
    english = {word for _, _, right in pairs for word in right.lower().split()}
    return frozenset(word for left, _, _ in pairs for word in left.split()) - english - _SHARED


# Words of these tables that mean something in another language too.
_SHARED: Final = _words(
    """
    a am an bald bei bin bis con contra das de del dem den der die e el en er es este fast gross gut
    hat hatte hole im in ja la las lass le leg lo los lose man mes mil modus nie o oder once pack
    pare sag sale si so solo son tag tal tan todo tun un una unter ver war wo y zu favor efectivo
    valor posiciones cripto un una te uno pausa real para todos toda todas tres dos
    """
)
_READABLE: Final = {"es": _of_table(spanish.PHRASES), "de": _of_table(german.PHRASES)}
# An accent before a pronoun, as of vendelo, is a command in Spanish.
_ACCENTS: Final = {
    "es": re.compile(
        r"[¿¡ñ]|^\W*par(?:a|á|e|en|ad|ar|alo|álo) todo\b|\ben (?:btc|eth|sol|bnb|xrp|ada|doge|avax|dot|link|ltc|uni|bitcoin)\b|\w*[áéíóú]\w+(?:me|nos|l[oa]s?)\b"
    ),
    "de": re.compile(r"[ß]|\ble?ge? .*\ban\b[ .!]*$|\bsteige? .*\b(?:aus|ein)\b[ .!]*$"),
    "pt": re.compile("[ãõ]"),
    "pl": re.compile("[łżźćęą]"),
}
_VERBS: Final = {"es": SPANISH.verb, "de": GERMAN.verb}
_SHORTEST: Final = 4
# Forms of verbs of orders that are words of English, or of other languages that are read.
_ENGLISH_TOO: Final = _words(
    """
    pause active sales bring brings cancel halted order orders shops killed packs stops sells
    quite cancels pumps shops clears mandates liquidate mandate activate create terminate eliminate frenetic pausing program fires tires entra manda passa passe compre venda mette cierre pare programa crea
    compra vende metes tomes poses clave
    """
)
_ENGLISH: Final = _words(
    """
    the a an i my is are was to of and what how much show me buy sell price do does should for in on
    it please give tell can you have this that with all at not no from
    """
)


@lru_cache(maxsize=512)
def language_of(text: str) -> str:
    """Return the language of a text, as `es`; what could be English is English."""
    if _KANA.search(text):
        return "ja"
    for name, script in _SCRIPTS:
        if script.search(text):
            return name
    words = [bare(each) for each in _WORD.findall(text.lower())]
    english = sum(each in _ENGLISH for each in words)
    scores = {
        name: sum(
            each in strong or each in _READABLE.get(name, ()) or _commands(name, each)
            for each in words
        )
        + _accented(name, text.lower())
        for name, strong in _STRONG.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] and scores[best] >= english else ENGLISH


def _commands(name: str, word: str) -> bool:
    """Tell whether a word is a form of a verb of orders, and none that English has too."""
    verb = _VERBS.get(name)
    own = len(word) > _SHORTEST and word not in _ENGLISH_TOO
    return verb is not None and own and verb(word) is not None


def _accented(name: str, text: str) -> int:
    pattern = _ACCENTS.get(name)
    return 2 if pattern is not None and pattern.search(text) else 0
