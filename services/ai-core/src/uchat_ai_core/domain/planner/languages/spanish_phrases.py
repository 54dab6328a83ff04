"""Fixed phrases of Spanish orders, and what they are for the frames: tokens, met in this order."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final

from uchat_ai_core.domain.planner.languages.grammar import any_of

_PLACE: Final = r"(?:(?:pon|coloc|met|cre|haz|hag|abr|lanz|dej|quiero|quisiera|dame|necesito)\w* )?(?:una |la )?"

_PUT: Final = r"(?:pon|coloc|met|cre|haz|hag|abr|lanz|dej|quiero|quisiera|dame|necesito|solicit|orden|pid|realic|ejecut|tramit)\w* (?:(?:puesta|lista|favor) )?"
_KIND: Final = r"(?: (?:limite|limitada|limit))?(?: (?:de|del|por|para))?"

STRIPS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # "0.5 ETH, digo, 0.6 ETH": what is said last holds.
    (
        re.compile(
            r"(?P<kind>[#$~%])\d\S*(?P<of>(?: de)? @\S+)?(?: ,)*(?: (?:eh|ah|uy|ay|no))?(?: ,)*"
            r" (?:digo|corrijo|perdon|mejor dicho|quise decir)(?: ,)* (?=(?P=kind)\d\S*(?(of)(?:(?P=of)| ,|$)))"
        ),
        "",
    ),
    (any_of(r"(?:ah|ay|uy|uf|oh) no ,"), ""),
    (any_of(r"(?:haz|haga)(?:me|nos)? (?:el|un) favor (?:de|y)"), ""),
    (
        any_of(
            r"sin (?:miedo|prisas?|dudar(?:lo)?|demora|tardar|falta|problemas?|pensar(?:lo)?|mas)"
        ),
        "",
    ),
    (any_of(rf"{_PUT}(?:una|la) compra{_KIND}|limite de compra{_KIND}"), "limite compra"),
    (any_of(rf"{_PUT}(?:una|la) venta{_KIND}|limite de venta{_KIND}"), "limite vende"),
    (re.compile(r"(?<=posiciones) , tod[ao]s(?!\S)"), ""),
    (
        any_of(
            r"(?:deja|dejen|deje|para|pare) de (?:operar|tradear|comprar y vender|hacer operaciones)"
        ),
        "parad trading",
    ),
    (any_of(r"mandame a comprar"), "comprame"),
    (any_of(r"o sea|es decir|mejor dicho"), ","),
    (
        any_of(
            r"hasta (?:manana|luego|pronto)|buen[oa]s (?:dias|tardes|noches)|nos vemos|como estas|como andas|que tal|que onda|si no es (?:mucha )?molestia|por favor"
        ),
        "",
    ),
    (
        any_of(
            r"para(?= (?:todo(?! (?:hay|lo|el|los|mi|tiene|esto|eso|tipo))|ya|ahora|el trading|el bot|las operaciones|todas las operaciones|la operativa|con todo|inmediatamente))"
        ),
        "parad",
    ),
    (
        any_of(
            rf"{_PLACE}(?:orden|operacion)(?: de)?(?: (?:limite|limitada|limit))? (?:de |para )?(?:compra|comprar)(?: (?:limite|limitada|limit))?(?: (?:de|para))?"
        ),
        "limite compra",
    ),
    (
        any_of(
            rf"{_PLACE}(?:orden|operacion)(?: de)?(?: (?:limite|limitada|limit))? (?:de |para )?(?:venta|vender)(?: (?:limite|limitada|limit))?(?: (?:de|para))?"
        ),
        "limite vende",
    ),
    (
        any_of(r"(?:como|con|mediante|en) (?:una )?orden (?:de )?(?:limite|limitada|limit)"),
        "limite",
    ),
    (
        any_of(r"orden(?:es)? (?:de )?(?:limite|limitada|limit)(?: de| para| a)?"),
        "limite orden de",
    ),
    (any_of(r"stop (?:de )?(?:perdidas?|loss|limit)|stoploss|sl"), "stop"),
    (
        any_of(
            r"(?:orden de )?(?:toma|recogida) de (?:ganancias|beneficios|utilidades)|take profit|tp"
        ),
        "takeprofit",
    ),
    (
        any_of(
            r"cuanto antes|lo antes posible|de una vez|ya mismo|ahora mismo|de una|cuanto antes mejor"
        ),
        "",
    ),
)
