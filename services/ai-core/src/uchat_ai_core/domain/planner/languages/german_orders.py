"""The words of German orders, of Germany, Austria and Switzerland, written without umlauts."""

# ruff: noqa: E501 - lists of words
from typing import Final, cast

from uchat_ai_core.domain.planner.languages.forms import german_number
from uchat_ai_core.domain.planner.languages.german_phrases import STRIPS
from uchat_ai_core.domain.planner.languages.grammar import (
    Grammar,
    Mood,
    Role,
    Verb,
    any_of,
    words,
)

# What regular verbs do, by their infinitives; separable ones stand with their particle in front.
_VERBS: Final = """
buy: kaufen nachkaufen einkaufen zukaufen dazukaufen besorgen ordern shoppen erwerben erstehen anschaffen zulegen gonnen beschaffen
put: stecken reinstecken packen reinpacken legen anlegen reinlegen setzen schieben reinschieben hauen reinhauen schmeissen reinschmeissen werfen reinwerfen buttern reinbuttern ballern reinballern pumpen investieren einsteigen tun stopfen feuern zahlen
take: holen nehmen schnappen geben greifen kriegen haben reinholen ziehen
sell: verkaufen abstossen veraussern versilbern verticken verhokern verscherbeln raushauen rauswerfen rausschmeissen abverkaufen verkloppen abladen
exit: schliessen loswerden glattstellen auflosen aussteigen rausgehen liquidieren zumachen dichtmachen
set: platzieren drucken betatigen einrichten aktivieren erstellen hinterlegen absichern anlegen eingeben
cancel: stornieren loschen streichen canceln cancellen abbrechen zurucknehmen entfernen annullieren zuruckziehen rausnehmen aufheben killen
revoke: widerrufen entziehen kundigen wegnehmen beenden
stop: stoppen anhalten einfrieren pausieren abschalten ausschalten unterbrechen einstellen aussetzen
switch: wechseln umschalten umstellen schalten stellen zuruckgehen zuruckwechseln gehen zuruckschalten
"""
_IRREGULAR: Final = {
    "nimm": ("take", "order"), "gib": ("take", "order"), "wirf": ("put", "order"), "erwirb": ("buy", "order"),
    "verkauf": ("sell", "order"), "tu": ("put", "order"), "mach": ("switch", "order"), "mache": ("switch", "order"),
    "bring": ("switch", "order"), "brich": ("cancel", "order"), "halt": ("stop", "order"), "halte": ("stop", "order"),
    "stopp": ("stop", "order"), "lass": ("switch", "order"), "werd": ("exit", "order"), "unterbrich": ("stop", "order"),
    "gibst": ("take", "asked"), "nimmst": ("take", "asked"), "kaufn": ("buy", "bare"), "verkaufn": ("sell", "bare"),
    "geh": ("switch", "order"), "heb": ("cancel", "order"), "hebe": ("cancel", "order"), "friere": ("stop", "order"), "frier": ("stop", "order"),
    "steig": ("put", "order"), "steige": ("put", "order"), "nehmt": ("take", "order"), "brecht": ("cancel", "order"),
    "gleich": ("switch", "order"), "schicht": ("switch", "order"), "richte": ("set", "order"), "stoss": ("sell", "order"), "stosse": ("sell", "order"),
    "wechsle": ("switch", "order"), "wechsel": ("switch", "order"), "annullier": ("cancel", "order"), "annulliere": ("cancel", "order"),
    "chauf": ("buy", "order"), "chaufe": ("buy", "bare"), "verchauf": ("sell", "order"), "verchaufe": ("sell", "bare"),
    "los": ("exit", "order"), "lose": ("exit", "order"), "schlag": ("put", "order"), "zieh": ("take", "order"),
}  # fmt: skip
_VERB: Final = 4  # letters that are left of a verb without its particle
_PARTICLES: Final = words("ab an auf aus ein los nach rein raus um zu zuruck weg dazu")


def _forms() -> dict[str, Verb]:
    found: dict[str, Verb] = {}

    def add(form: str, role: str, mood: str) -> None:
        found.setdefault(form, Verb(cast("Role", role), cast("Mood", mood)))

    for form, (role, mood) in _IRREGULAR.items():
        add(form, role, mood)
    for line in _VERBS.strip().splitlines():
        role, _, infinitives = line.partition(": ")
        for infinitive in infinitives.split():
            stem = infinitive.removesuffix("en").removesuffix("n")
            add(infinitive, role, "bare")
            add(f"{infinitive}s", role, "bare")
            particle = next(filter(infinitive.startswith, _PARTICLES), "")
            particle = particle if len(infinitive) > len(particle) + _VERB else ""
            if particle:
                add(f"{particle}zu{infinitive[len(particle) :]}", role, "bare")
                continue  # its command stands apart: "leg … an"
            for form in (stem, f"{stem}e", f"{stem}s", f"{stem}es"):
                add(form, role, "order")
            add(f"{stem}st", role, "asked")
    for plain in (
        "haben",
        "hab",
        "habe",
        "habs",
        "hast",
        "hast du",
        "gebe",
        "ziehe",
        "geben",
        "kriege",
        "krieg",
        "tun",
        "tut",
        "nehme",
        "order",
        "orders",
    ):
        found.pop(plain, None)
    return found


_FORMS: Final = _forms()


def verb(word: str) -> Verb | None:
    """Return what a form of a verb is."""
    return _FORMS.get(word)


_MODE: Final = r"(?:(?:auf|in|im|zum|zuruck|den|die|der|dem|das|einen|zu) )*"
_HAVE_PUT: Final = (
    r"(?:hau|haue|schmeiss|schmeisse|wirf|werfe|zieh|mach|nimm|hol|tu|knall|baller|kick|feuer)"
)

GERMAN: Final = Grammar(
    verb=verb,
    number=german_number,
    strips=STRIPS,
    dollars=words("dollar dollars dollares dolar usd usdt usdc us bucks"),
    euros=words("euro euros eur"),
    doubtful_money=words(
        "franken chf stutz krote kroten mause piepen schleifen ocken tacken kohle riesen steine mucken schilling pfund"
    ),
    percent=any_of("%|prozent|pro zent|proz"),
    one=words("ein eine einen einem nen n"),
    half_a=words("halben halbe halber halbes einhalb"),
    portions=(
        (any_of(r"(?:die )?(?:drei|#3) viertel|dreiviertel"), "three quarters"),
        (any_of(r"(?:die )?(?:zwei|#2) drittel"), "two thirds"),
        (any_of(r"(?:die |ne |eine |d)?half(?:te|ti)|zur halfte"), "half"),
        (any_of(r"(?:ein|nen|das|n|einen) drittel"), "a third"),
        (any_of(r"(?:ein|nen|das|n|einen) viertel"), "a quarter"),
        (any_of(r"(?:ein|nen|das|n|einen) funftel"), "a fifth"),
        (any_of(r"(?:ein|nen|das|n|einen) zehntel"), "a tenth"),
        (
            any_of(
                r"all|alle|alles|allen|samtliche[nr]?|ganze[nrs]?|ganz|gesamte[nrs]?|komplett(?:e[nrs]?)?|vollstandig(?:e[nrs]?)?|restlos|restliche[nrs]?|den rest"
            ),
            "all",
        ),
    ),
    vague=any_of(
        r"(?:ein |n |a )?(?:bisschen|bissl|bissel|bisserl|bissi|wenig|bitzeli|bizli|bissle|paar|stuckchen|teil)|etwas|einige|paar|eppis|einen teil|nen teil"
    ),
    mine=any_of(r"mein(?:e[nmrs]?)?|davon|mei|min[ei]?|von mir"),
    cash=any_of(r"(?:mein\w* |vom |des )?(?:bargelds?|cash|geld(?:es)?|guthabens?|kontos?)"),
    into=any_of("in|auf|rein|fur|ins|an|bei"),
    it=any_of("sie|ihn|es|davon|das|die|den|alle|meine|welche"),
    when=any_of("wenn|falls|sobald|sofern|sollte|sollten|wann"),
    falls=words(
        "fallt fallen fallt's faellt sinkt sinken rutscht rutschen sturzt sturzen absackt sackt runtergeht runter runterkommt unterschreitet unter bricht kracht abrutscht droppt"
    ),
    rises=words(
        "steigt steigen klettert klettern ubersteigt uberschreitet knackt durchbricht uber hoch hochgeht raufgeht rauf springt hochspringt"
    ),
    reaches=words(
        "erreicht erreichen kommt kommen geht gehen steht stehen ist sind liegt liegen kostet beruhrt anlangt trifft bei auf"
    ),
    at=r"(?:zu|zum|bei|um(?! [$])|ab|mit|auf|@|limit|preis|kurs|je|fur je)(?: (?:einem|einen|ein|dem|zu|bei|auf|von|je|limit|preis|kurs|maximal|stuckpreis|kurs von|preis von))*",
    openers=words(
        """
        i mer dir bitte hallo hi hey servus moin gruezi gruss gott guten morgen tag abend na ok okay gut also dann jetzt nun mal halt eben doch bruder digga alter alda diggi dicker mann
        komm los so ja jo joa jau jap super perfekt prima danke sofort gleich heute schnell schnellstens schleunigst noch einfach und sodann deshalb daher darum drum erstmal erst lieber
        kannst du mir uns fur mich mein meine meinen meiner meines meinem von der die das den dem des in im auf an zu zum zur bei mit ein eine einen nen n ne a
        limit order market markt marktpreis einmal nochmal weitere weiteren mehr genau rund ca circa etwa ungefahr knapp insgesamt total portfolio depot position positionen bestand coins coin
        assistent bot unified chat lieb lieber liebe freundlicherweise nett rasch hurtig zackig flott umgehend direkt bidde bittschon bittesehr merci sie ich will mocht mochte hatte gern gerne wurde
        gesamten gesamte gesamtes kompletten komplette offenen offene offener laufenden laufende stehenden bestehenden aktuellen samtliche samtlichen bestellungen es ihn davon komplett alles alle ganze ganzen ganz rein raus weg aus sei so gut grad gerade eh wieder zuruck ab
        hiermit stattdessen dafur stuck jawohl fein passt top cool geil ey oida heast bua gell wert
        """
    )
    - words("oder' portfolio's uber"),
    heads=any_of(
        r"""
        (?:ich |i )?(?:will|mocht|mochte|mecht|mechat|mag|wollt)(?: (?:ich|gern|gerne|bitte|jetzt|mal|dass du))*
        (?:ich )?(?:wurde|hatte|hatt|tat)(?: (?:ich|gern|gerne|lieber))+
        (?:kannst|konntest|wurdest|magst|willst|tatest|kannsch|chasch|konnst|konntst|kannste|konnteste)(?: (?:du|d|bitte|ma|mal|mir))*
        (?:konnen|konnten|wurden|mochten) sie|lass uns|bitte|ich brauche?|sei so (?:gut|lieb|nett)(?: und)?|seien sie so (?:gut|nett|freundlich)(?: und)?|hilf mir|es ist zeit|bereite
        """
    ),
    desires=any_of(
        r"(?:ich |i )?(?:hatte|hatt|hett) (?:gern|gerne)|ich (?:will|mochte|nehme|nehm|brauche|brauch|mecht)|(?:mochte|will) (?:gern|gerne|bitte)"
    ),
    nudge=any_of(r"rein|bitte|dann|ok|okay|gut|los|komm|ja|also"),
    asks=any_of(
        r"""
        (?:kannst|konntest|magst|chasch|konnst|konntst)(?: (?:du|d|bitte|ma|mal|mir))*|(?:kannste|konnteste|kannsch)|(?:konnen|konnten) sie
        (?:wurdest|tatest|wurden)(?: (?:du|d|sie))?(?: (?:ma|mal|jetzt))* (?:bitte|mir|fur mich|so (?:lieb|nett|gut|freundlich))(?: (?:bitte|mir|fur mich|sein|und))*
        """
    ),
    wants=any_of(r"(?:ich will|ich mochte|ich brauche)(?: \S+)? dass du"),
    danger=any_of(
        r"""
        nicht|ned|net|nich|nie|niemals|kein\w*|ohne|wenn|falls|sobald|sofern|sollte[nst]?|solltest|ob|vielleicht|evtl|eventuell|womoglich|moglicherweise|ausser|bis auf|oder|entweder|statt|anstatt|nix|nichts
        morgen|ubermorgen|spater|bald|demnachst|nachste[nmrs]?|irgendwann|jede[nrsm]?|jeweils|taglich|wochentlich|monatlich|jahrlich|regelmassig|immer|pro (?:tag|woche|monat)|am (?:tag|abend|wochenende)|in (?:einer|einem|\S+ (?:tagen|stunden|wochen|minuten|monaten))|nach (?:der|dem)|vor (?:der|dem)|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|sonntags?|sonnabend
        gestern|vorgestern|letzte[nrs]?|letztens|neulich|fruher|damals|vorhin|bereits|gekauft|verkauft|geholt|investiert|gesteckt|gelegt|angelegt|hatte|hatten|war|waren|gewesen|wollte
        sagt|sagte|sagen|gesagt|meint|meinte|gemeint|laut|angeblich|gelesen|gehort|schreibt|schrieb|steht|behauptet|rat|empfiehlt|empfehl\w*|geraten|nachricht|newsletter|mail|artikel|schlagzeile|zitat|gruppe|kanal
        soll|solls|sollst|darf|darfst|kann ich|konnte ich|kann man|man|was|wie|wieso|weshalb|warum|wann|wer|wem|wo|wohin|welche[nrsm]?(?= [^,])|wieviel
        lohnt|sinnvoll|glaubst|denkst|findest|meinst|haltst|uberleg\w*|denke|glaube|uberlege|zweifel\w*|unsicher|angenommen|stell dir|hypothetisch\w*|beispiel\w*|theoretisch|witz|spass|scherz|simulier\w*|vorstell\w*|traum\w*
        kredit|pump|leer|geliehen\w*|schulden|an (?:mein|dein)\w* (?:bruder|schwester|sohn|tochter|freund|frau|mann|mutter|vater|oma|opa)\w*|hebel|gehebelt|short|leerverkauf\w*|shorten|futures?|margin|x\d+|trailing|oco|maximal|hochstens|mindestens|minimum|maximum|zwischen|doppelt\w*|erklar\w*|bedeutet|heisst|ubersetz\w*|lern\w*
        konto|konten|borse|exchange|broker|binance|coinbase|kraken|bybit|okx|bitstamp|echt|echtgeld|echten|live|adresse|wallet|uberweis\w*|sende|schick\w*|auszahl\w*|regeln|anweisung\w*|bestatigung|freigabe|genehmigung
        ioc|fok|post|maker|warte|wart|gewinn|verlust|bekam\w*|bekomme|wurde|wurden|ware|waren
        """
    ),
    goods=any_of(
        r"kaffee|bier|pizza|brot|brotchen|milch|auto|haus|blumen|geschenk|karten|tickets?|aktien|gold"
    ),
    each=any_of(r"je|jeweils|pro coin|pro stuck"),
    corrects=words(
        "ne nee nein nö na quatsch sorry entschuldigung meinte lieber besser doch draus daraus stattdessen falsch korrektur sondern"
    ),
    fills=words(
        "ich wir mach mache machs es war waren nur auf fur in von bitte dann das die den sollte sollten sein ah ach ups moment halt nen so ok gut ja sagen sag also ungefahr etwa mit der und geld aber jetzt"
    ),
    negations=any_of(r"was|nicht|ned|net|nich|nie|kein\w*|ohne|nix|nichts"),
    questions=any_of(
        r"(?:na|und|also|hey|sag mal|,| )*(?:soll|sollte|sollten|darf|kann ich|kann man|konnte ich|muss ich|was|wie|wer|wo|wann|warum|wieso|welche[nrs]?|lohnt|rentiert|ist|war|waren|bin|hab ich|habe ich|glaubst|denkst|meinst|macht es sinn|kaufen oder|verkaufen oder)"
    ),
    advice=any_of(
        r"soll\w*|meinst|haltst|denkst|findest|glaubst|lohnt|sinnvoll|gute idee|schlechte idee|richtig|klug|gut|oder"
    ),
    others=any_of(
        r"""
        (?:mein|meine|dein|deine|sein|seine|ihr|ihre|der|die|das|ein|eine|unser|unsere) (?:[a-z]+ )?(?:sohn|tochter|bruder|schwester|freund(?:in)?|kumpel|kollege|kollegin|chef(?:in)?|nachbar(?:in)?|onkel|tante|opa|oma|enkel(?:in)?|vater|mutter|papa|mama|mann|frau|berater(?:in)?|bank|leute|wale|firma|typ|youtuber|influencer|experte|experten|schwager|cousin|cousine|neffe|nichte|lehrer|arzt)
        er|wir|ihr|jemand|niemand|man|alle leute|blackrock|saylor|musk|elon|trump
        """
    ),
    reason=any_of(
        r"weil|da|denn|ich|mir|mich|das|der|die|es|mein\w*|jetzt|damit|brauch\w*|so|bin|hab|danke|keine (?:lust|ahnung|zeit|nerven)|kein (?:bock|vertrauen|plan)|weils"
    ),
    takes_back=any_of(
        r"doch nicht|noch nicht|lieber nicht|besser nicht|mach(?:s| es)? nicht|tu(?:s| es)? nicht|vergiss(?: es| das)?|war(?:\'s|s)? (?:ein )?(?:witz|scherz|spass)|nur spass|warte|was meinst du|was haltst du|was denkst du|was sagst du|kauf\w* nicht|verkauf\w* nicht|nein"
    ),
    joints=any_of("also|deshalb|daher|darum|drum|aber|dann|deswegen|denn|und"),
    pairs=(
        (
            any_of(
                r"(?:ich (?:will|mochte|mag|muss) )?(?:raus|aussteigen|hinaus) aus(?: \S+){0,4}|(?:ich )?(?:will|mochte|mag) aus(?: \S+){1,4} (?:raus|aussteigen|rausgehen|heraus)"
            ),
            "exit",
        ),
        (
            any_of(
                r"(?:steig|steige|geh|gehe|hol mich|nimm mich|zieh mich) (?:bitte |mal |_ |ganz |sofort |jetzt )*aus(?: \S+){1,5} (?:aus|raus|heraus)|(?:hol mich|nimm mich|zieh mich|geh) (?:bitte |mal |sofort )*raus aus(?: \S+){1,3}"
            ),
            "exit",
        ),
        (any_of(rf"{_HAVE_PUT}(?: \S+){{1,8}} (?:raus|zu geld|weg|auf den markt)"), "sell"),
        (
            any_of(
                r"(?:mach|mache|machen)(?: \S+){1,6} (?:zu|dicht|platt)|(?:los|lose)(?: \S+){1,6} auf|(?:stell|stelle)(?: \S+){1,6} glatt|(?:werd|werde)(?: \S+){1,5} los"
            ),
            "exit",
        ),
        (any_of(r"(?:stoss|stosse|bau|baue)(?: \S+){1,6} ab"), "sell"),
        (
            any_of(
                r"(?:nimm|nehme|zieh|ziehe|brich|breche|heb|hebe|mach|hau|schmeiss|brechen sie|nehmen sie|ziehen sie)(?: \S+){1,7} (?:zuruck|ab|auf|weg|raus)"
            ),
            "cancel",
        ),
        (
            any_of(r"(?:zieh|ziehe|nimm|ziehen sie|nehmen sie)(?: \S+){1,6} (?:zuruck|weg)"),
            "revoke",
        ),
        (
            any_of(
                r"(?:halt|halte|schalt|schalte|stell|stelle|frier|friere|mach|halten sie|schalten sie)(?: \S+){1,6} (?:an|ab|aus|ein|dicht)"
            ),
            "stop",
        ),
        (any_of(r"(?:leg|lege|legen sie)(?: \S+){1,9} an"), "put"),
        (
            any_of(r"(?:stell|stelle|schalt|schalte|schalten sie|stellen sie)(?: \S+){1,6} um"),
            "switch",
        ),
    ),
    order=any_of(
        r"orders?|ordern|auftrag|auftrage|auftragen|bestellung(?:en)?|stop+s?|takeprofit|limits?|kauforders?|verkaufsorders?|limitorders?|stoporders?"
    ),
    them=any_of(
        r"(?:\S+ )?(?:stornier|storniere|losch|losche|streich|streiche|cancel)(?: (?:sie|die|bitte|mal|sofort|,))* (?:alle|samtliche|allesamt)(?: (?:bitte|,|sofort))*"
    ),
    mandate=any_of(r"mandats?|mandate|vollmacht|handelsvollmacht"),
    everything=any_of(
        r"alles|handel|trading|trades|handelsaktivitaten|bot|bots|system|aktivitaten|laden|algo|maschine"
    ),
    positions=any_of(
        r"(?:alle |samtliche |meine |die |das |mein |ganze[ns]? |offenen )*(?:positionen|coins|bestande|depot|portfolio|kryptos|krypto|kryptowahrungen|munzen|anlagen)|alles(?: was ich (?:hab|habe|halte|besitze))?|(?:das )?(?:ganze )?zeug"
    ),
    brake=any_of(
        r"notaus|notstopp?|nothalt|notbremse|notschalter|notfall|panik(?:knopf|button|schalter)?|kill ?switch|stop+knopf|roten knopf"
    ),
    rebalance=any_of(
        r"rebalanc\w*|umschichten|umzuschichten|umgeschichtet|(?:schicht|schichte)(?: \S+){0,5} um|(?:gleich|gleiche)(?: \S+){1,6} aus|(?:bring|bringe)(?: \S+){1,6} (?:ins gleichgewicht|in balance|in die balance|wieder ins lot)|neu ?gewichten|ausbalancieren|austarieren|(?:gewichte|balanciere)(?: \S+){1,5} (?:neu|aus)"
    ),
    within=any_of(
        r"(?:handle|handel|trade|tradest|investiere|agiere|mach|kauf)(?: \S+){0,5} (?:innerhalb|im rahmen|mit|nach|gemass)(?: \S+){0,2} mandats?"
    ),
    several=any_of(
        r"(?:mehrere[nr]?|verschiedene[nr]?|einige[nr]?|diverse[nr]?|paar|die besten|ein paar)(?: \S+)? ?(?:coins|munzen|kryptos|kryptowahrungen|assets|werte)?|krypto|kryptos|kryptowahrungen|coins|den markt|verteilt|gestreut|breit"
    ),
    invests=any_of(r"investier\w*|anlegen|an"),
    modes=(
        (any_of(rf"{_MODE}notfall ?modus"), "switch to emergency mode"),
        (
            any_of(
                rf"{_MODE}(?:manuell\w*|hand|handbetrieb|manual)(?: (?:modus|betrieb|steuerung))?"
            ),
            "switch to manual mode",
        ),
        (
            any_of(
                rf"{_MODE}(?:assistiert\w*|assist|assisted|unterstutzt\w*)(?: (?:modus|betrieb))?|assistenz ?modus|assistenzmodus"
            ),
            "switch to assisted mode",
        ),
    ),
    profiles={
        **dict.fromkeys(
            words(
                "vorsichtig vorsichtige vorsichtigen vorsichtiges konservativ konservative konservativen konservatives defensiv defensive defensiven sicherheitsorientiert cautious behutsam zuruckhaltend zuruckhaltende"
            ),
            "cautious",
        ),
        **dict.fromkeys(
            words(
                "ausgewogen ausgewogene ausgewogenen ausgewogenes ausgeglichen ausgeglichene ausgeglichenen balanced moderat moderate moderaten neutral mittel mittlere"
            ),
            "balanced",
        ),
        **dict.fromkeys(
            words(
                "mutig mutige mutigen mutiges aggressiv aggressive aggressiven offensiv offensive offensiven risikofreudig risikofreudige risikofreudigen kuhn kuhne kuhnen bold riskant gewagt gewagte draufgangerisch forsch"
            ),
            "bold",
        ),
    },
    tags=any_of("ok|okay|ja|gell|klar|passt|bitte|ne|gut|einverstanden|geht klar"),
    verbs_last=True,
    umlauts=True,
    beside=words("unter uber auf bei hoch rauf runter"),
    pronoun=any_of("ihn|sie|es|das|die|drauf|darauf|dahin|dazu|widerruf\\w*|kundig\\w*"),
    ordinals=(
        (
            any_of("(?:von|vom|in|fur) (?:dem |den |die )?erst(?:ere[mn]|eren|en)"),
            "of the first one",
        ),
        (
            any_of("(?:von|vom|in|fur) (?:dem |den |die )?(?:zweiten|andere[nm])"),
            "of the second one",
        ),
        (
            any_of("(?:von|vom|in|fur) (?:dem |den |die )?(?:letztere[mn]|letzten)"),
            "of the last one",
        ),
    ),
    alarms=any_of(
        r"gehackt|hacker\w*|hilfe|panik|geklaut|gestohlen|betrug\w*|betrogen|(?:was|etwas|irgendwas|alles) (?:schief|faul|komisch|falsch)|(?:lauft|geht|stimmt) (?:da |hier )?(?:was|etwas|irgendwas|alles) (?:schief|faul|komisch|falsch|nicht)"
    ),
    alike=any_of(
        "(?:nochmal |noch mal |noch einmal )?(?:das gleiche|dasselbe|das selbe|genauso|ebenso|gleich viel)(?: nochmal)?"
    ),
)
