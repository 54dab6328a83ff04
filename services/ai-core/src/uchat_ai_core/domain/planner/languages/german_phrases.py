"""Fixed phrases of German orders, and what they are for the frames: tokens, met in this order."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final

from uchat_ai_core.domain.planner.languages.grammar import any_of

_PUT: Final = (
    r"(?:erstell|gib|geb|leg|setz|platzier|mach|stell|trag|richt)\w*(?: (?:sie|mir|bitte|mal|ma))*"
)
_HOLD: Final = r"(?:hab|habe|halte|besitze)"

STRIPS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # "40 UNI, äh nein, 60 UNI": what is said last holds.
    (
        re.compile(
            r"(?P<kind>[#$~%])\d\S*(?P<of> @\S+)?(?: ,)*(?: (?:ah|ahm|eh|oh|ach))?(?: ,)*"
            r" (?:nein|ne|nee|quatsch|sorry|korrektur|vielmehr|ich mein\w*)(?: ,)*(?: (?:doch|lieber|besser))*"
            r" (?=(?P=kind)\d\S*(?(of)(?:(?P=of)| ,|$)))"
        ),
        "",
    ),
    (
        any_of(
            rf"(?:{_PUT} )?(?:eine |ne |nen |einen )?kauf(?:s?order|s?auftrag)(?: (?:uber|fur|von|,))*(?= [#$~])"
        ),
        "kauf",
    ),
    (
        any_of(
            rf"(?:{_PUT} )?(?:eine |ne |nen |einen )?verkauf(?:s?order|s?auftrag)(?: (?:uber|fur|von|,))*(?= [#$~])"
        ),
        "verkauf",
    ),
    (any_of(r"kauf ?s?limit(?: (?:bei|auf|von|zu))*"), "kauf limit"),
    (any_of(r"verkauf ?s?limit(?: (?:bei|auf|von|zu))*"), "verkauf limit"),
    (any_of(r"limitiert (?:auf|bei|zu)"), "limit"),
    (
        any_of(
            r"soll(?:en)? (?P<what>(?:alle |all |die halfte )?mein\w* (?:\S+ ){1,4}?)verkauft werden"
        ),
        r"verkauf \g<what>",
    ),
    (
        any_of(rf"(?P<verb>\S+) was ich (?:noch )?(?:an|von|in) (?P<coin>@\S+) (?:noch )?{_HOLD}"),
        r"\g<coin> \g<verb>",
    ),
    (
        any_of(
            r"die (?:noch |derzeit |gerade |aktuell )*(?:nicht (?:ausgefuhrt|erledigt|durch)|offen|unausgefuhrt) sind"
        ),
        "offene",
    ),
    (any_of(r"nach dem(?= \S+ profil)"), "zum"),
    (
        any_of(
            r"hort? (?:sofort |bitte |jetzt |endlich )*auf(?: (?:zu handeln|zu traden|mit dem (?:handel|handeln|trading|traden)))"
        ),
        "stopp handel",
    ),
    (any_of(r"(?:ich )?(?:hatte|hatt|hett) gern(?:e)?(?= .*kaufen)"), ""),
    (any_of(r"(?:ich )?(?:hab|habe) (?:noch |hier |grad |gerade |jetzt |da )*(?=[$])"), ""),
    (
        any_of(
            r"bis (?:morgen|spater|dann|bald|gleich)|guten? (?:morgen|tag|abend|nacht)|schonen? (?:tag|abend|feierabend|gruss|grusse)|wie gehts?|alles klar|wenn (?:es )?(?:geht|moglich|moglich ist|du (?:so )?(?:lieb|nett|gut) (?:bist|warst)|sie so (?:nett|freundlich) (?:sind|waren))|falls moglich|so schnell wie moglich|schnellstmoglich|ohne (?:zogern|umwege)|auf der stelle|mal eben|vielen dank|was auch immer"
        ),
        "",
    ),
    (
        any_of(
            r"(?:als|mit|per|uber) (?:einer |eine )?limit ?order|(?:eine |ne )?limit ?order|limit ?auftrag"
        ),
        "limit",
    ),
    (any_of(rf"{_PUT} limit(?: (?:rein|ein|auf|an))?(?= ,)"), "limit"),
    (any_of(r"limit ?kauf|limitkauf"), "limit kauf"),
    (any_of(r"limit ?verkauf|limitverkauf"), "limit verkauf"),
    (
        any_of(
            r"stop+ (?:loss|los|kurs|limit|order)|stop+loss|sl|verlustbegrenzung|stop+s?(?= (?:auf|bei|fur|unter) )"
        ),
        "stop",
    ),
    (any_of(r"take profit|gewinnmitnahme|gewinnziel|kursziel|tp|teknprofit"), "takeprofit"),
    (any_of(r"(?:stopporder|stop order|verkaufsorder|kauforder)s?"), "order"),
    (any_of(r"not (?:aus|stopp?|halt)"), "notaus"),
)
