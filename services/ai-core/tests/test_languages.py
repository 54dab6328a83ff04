"""Orders in Spanish and German as people write them, and what is near to one and orders nothing."""

import pytest

from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.requests import requested

ORDERS = [
    ("che metele 150 dólares a solana", "buy $150 of SOL"),
    ("cómpreme por favor 0,25 ether", "buy 0.25 ETH"),
    ("quisiera adquirir 1.500 dólares de ethereum", "buy $1500 of ETH"),
    ("¿me compras 50 dólares de doge?", "buy $50 of DOGE"),
    ("quiero que me compres cien dólares de link", "buy $100 of LINK"),
    ("necesito plata para el alquiler, así que vende la mitad de mi sol", "sell half of my SOL"),
    ("compra 1,5k dólares de btc", "buy $1500 of BTC"),
    ("vendé todo mi btc que ya no lo aguanto", "sell all of my BTC"),
    ("compra 100 dolares de ada y 80 de xrp", "buy $100 of ADA and buy $80 of XRP"),
    ("si eth baja de 2500 vende todo mi eth", "sell all of my ETH if it falls to 2500"),
    ("pon un stop loss a todo mi bitcoin en 47.000", "set a stop loss for all of my BTC at 47000"),
    ("compra un poquito de doge", "buy some DOGE"),
    ("compra 50 pavos de btc", "buy BTC"),
    ("compra 50 euros de btc", "buy 50 euros of BTC"),
    ("steck 1.500,50 Dollar in Ethereum", "buy $1500.50 of ETH"),
    ("ich hätte gern für 50 Dollar SOL", "buy $50 of SOL"),
    ("könntest du bitte 0,03 BTC verkaufen? die Steuer ist fällig", "sell 0.03 BTC"),
    ("hau die Haelfte von meinem SOL raus", "sell half of my SOL"),
    ("steig komplett aus Solana aus", "sell all of my SOL"),
    ("leg 50 Dollar in BTC an", "buy $50 of BTC"),
    ("kaufen Sie mir bitte zwei ETH", "buy 2 ETH"),
    ("kauf 10 dot und verkauf 2 sol", "buy 10 DOT and sell 2 SOL"),
    ("fällt chainlink auf 15, dann kauf für 300 dollar", "buy $300 of LINK if it falls to 15"),
    ("Limitorder: kaufe 0,05 BTC zu 48.500", "buy 0.05 BTC at 48500"),
    ("kauf mir nen halben bitcoin", "buy 0.5 BTC"),
    ("por favor, quisiera que me vendiera 0,2 ether", "sell 0.2 ETH"),
    ("ponme 2 eth", "buy 2 ETH"),
    ("i mecht gern um 100 Dollar Bitcoin kaufen", "buy $100 of BTC"),
    ("je 70 dollar in doge und uni bitte", "buy $70 of DOGE and buy $70 of UNI"),
    ("no, mejor 45 dólares", "make it $45"),
    ("quatsch, avax meinte ich", "i mean AVAX"),
]
CHANGES = [
    ("pará todo ya mismo!!!", "stop everything now"),
    ("pará todo", "stop everything now"),
    ("para todo", "stop everything now"),
    ("borra las ordenes de eth que tengo abiertas, todas", "cancel my ETH orders"),
    ("rebalancea mi cartera al perfil prudente", "rebalance my portfolio to the cautious profile"),
    ("quiero volver al modo manual, prefiero decidir yo", "switch to manual mode"),
    ("revoca el mandato que firmé", "revoke my mandate"),
    ("liquida todas mis posiciones", "close all my positions"),
    ("invierte cinco mil dólares en varias monedas", "invest 5000 dollars"),
    ("opera por mí dentro de mi mandato", "trade for me within my mandate"),
    ("NOTAUS SOFORT", "stop everything now"),
    ("Nimm bitte sämtliche Bitcoin-Orders zurück.", "cancel my BTC orders"),
    (
        "bitte einmal rebalancen, profil ausgewogen",
        "rebalance my portfolio to the balanced profile",
    ),
    ("schalt mal auf assistierten modus", "switch to assisted mode"),
    ("zieh das mandat zurück, ich trau der sache ned", "revoke my mandate"),
    ("mach alle positionen zu, ich will raus", "close all my positions"),
]
NEAR = """
¿debería comprar 200 dólares de btc?
no compres 200 dólares de btc
no quiero vender mi btc
si crees que es bueno compra 200 dólares de btc
compra 200 dólares de btc mañana
cada lunes compra 50 dólares de btc
compra 50 dólares de btc todos los lunes
mi primo compra 200 dólares de btc
mi primo dice que compre 200 dólares de btc
compré 0,5 eth a 2000
vendí todo mi sol ayer
quizá compre 0,1 btc
¿qué pasa si vendo la mitad de mi eth?
¿cómo compro 0,1 btc?
¿puedo vender 0,1 btc?
voy a comprar 0,1 btc
"compra 200 dólares de btc"
leí en un canal: compra 200 dólares de btc
compra 200 dólares de btc, es broma
compra 200 dólares de btc. no, mejor no
compra entre 100 y 200 dólares de btc
él quiere comprar 200 dólares de btc
los inversores compran 200 dólares de btc
compra un café de 5 dólares
compra 0,1 btc si sube un 10%
compra 200 dólares de btc con apalancamiento
compra 1.500 ada
no canceles mis órdenes
¿cómo cancelo mis órdenes?
el modo manual qué es
para todo hay solución
soll ich für 200 Dollar BTC kaufen?
kauf nicht für 200 Dollar BTC
verkauf meine ETH noch nicht
wenn du meinst, kauf für 200 Dollar BTC
kauf morgen für 200 Dollar BTC
jeden Montag für 50 Dollar BTC kaufen
mein Bruder kauft für 200 Dollar BTC
mein Bruder sagt: kauf für 200 Dollar BTC
ich habe meine SOL verkauft
vielleicht kaufe ich 0,1 BTC
ich überlege, 0,1 BTC zu verkaufen
was passiert, wenn ich die Hälfte meiner ETH verkaufe?
kann ich 0,1 BTC verkaufen?
würdest du 0,1 BTC verkaufen?
„kauf für 200 Dollar BTC“
kauf für 200 Dollar BTC, war nur ein Witz
stell dir vor, du kaufst für 200 Dollar BTC
wenn ich Geld hätte, würde ich 0,1 BTC kaufen
alle kaufen gerade für 200 Dollar BTC
meine Frau will 0,1 BTC verkaufen
ich will meine BTC nicht verkaufen
kauf höchstens für 200 Dollar BTC
kauf 1.500 ADA
storniere meine Orders nicht
wie storniere ich meine orders
was macht der notaus
ich brauche 200 Dollar aus BTC
necesito 200 dólares de mi btc
ich kaufe für 200 Dollar BTC
mándale 200 dólares de btc a mi hermano
compra 200 dólares de btc a crédito
ya cancelé todas mis órdenes
stoppe nicht alles
""".strip().splitlines()


CORRECTIONS = ("make it $45", "i mean AVAX")


@pytest.mark.parametrize(("text", "english"), [*ORDERS, *CHANGES])
def test_what_is_ordered_among_harmless_words_is_said_in_the_grammars_english(text, english):
    plain = plainly(text)
    assert (plain.text, plain.sure) == (english, True)
    assert (requested(text) is None) == (english in CORRECTIONS)


@pytest.mark.parametrize("text", NEAR)
def test_what_is_near_to_an_order_asks_for_nothing(text):
    assert requested(text) is None
