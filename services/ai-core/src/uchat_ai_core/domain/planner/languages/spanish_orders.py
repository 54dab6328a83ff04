"""The words of Spanish orders, of Spain and of Latin America, written without accents."""

# ruff: noqa: E501 - lists of words
import re
from functools import lru_cache
from typing import Final, cast

from uchat_ai_core.domain.planner.languages.forms import spanish_number
from uchat_ai_core.domain.planner.languages.grammar import (
    Grammar,
    Mood,
    Role,
    Verb,
    any_of,
    words,
)
from uchat_ai_core.domain.planner.languages.spanish_phrases import STRIPS

# What it does: infinitive, commands (/) to you, present of you (/), subjunctive of you (/).
_VERBS: Final = """
buy: comprar compra/compre/compren/comprad compras/compra compres/compre
buy: adquirir adquiere/adquiera adquieres/adquiere adquieras/adquiera
buy: conseguir consigue/consegui/consiga consigues/consigue consigas/consiga
buy: mercar merca/merque mercas merques
put: meter mete/meta/metan metes/mete metas/meta
put: poner pon/pone/ponga/pongan pones/pone pongas/ponga
put: echar echa/eche/echen echas/echa eches/eche
put: colocar coloca/coloque/coloquen colocas/coloca coloques/coloque
put: invertir invierte/invierta/inviertan inviertes/invierte inviertas/invierta
put: apostar apuesta/aposta/apueste apuestas/apuesta apuestes/apueste
put: aventar avienta/aviente avientas/avienta avientes/aviente
put: entrar entra/entre entras/entra entres/entre
put: destinar destina/destine destinas/destina destines/destine
put: tirar tira/tire tiras/tira tires/tire
put: clavar clava/clave clavas/clava claves/clave
put: cargar carga/cargue cargas/carga cargues/cargue
put: pasar pasa/pase pasas/pasa pases/pase
put: zampar zampa/zampe zampas zampes
take: dar dame/deme/danos/dadme das des
take: tomar toma/tome tomas/toma tomes/tome
take: agarrar agarra/agarre agarras/agarra agarres/agarre
take: pillar pilla/pille pillas/pilla pilles/pille
take: coger coge/coja coges/coge cojas/coja
take: traer trae/traiga traes/trae traigas/traiga
take: pedir pide/pida pides/pide pidas/pida
sell: vender vende/venda/vendan/vended vendes/vende vendas/venda
sell: rematar remata/remate rematas/remata remates/remate
sell: despachar despacha/despache despachas/despacha despaches/despache
sell: enajenar enajena/enajene enajenas enajenes
sell: soltar suelta/solta/suelte sueltas/suelta sueltes/suelte
sell: deshacer deshaz/deshaga deshaces/deshace deshagas/deshaga
exit: salir sal/salga/salgan sales/sale salgas/salga
exit: sacar saca/saque/saquen sacas/saca saques/saque
exit: cerrar cierra/cerra/cierre/cierren cierras/cierra cierres/cierre
exit: liquidar liquida/liquide/liquiden liquidas/liquida liquides/liquide
set: activar activa/active activas/activa actives/active
set: agregar agrega/agregue agregas/agrega agregues/agregue
set: crear crea/cree creas/crea crees/cree
set: fijar fija/fije fijas/fija fijes/fije
set: configurar configura/configure configuras/configura configures/configure
set: programar programa/programe programas/programa programes/programe
set: proteger protege/proteja proteges/protege protejas/proteja
set: apretar aprieta/apriete aprietas/aprieta aprietes/apriete
set: pulsar pulsa/pulse pulsas/pulsa pulses/pulse
set: presionar presiona/presione presionas/presiona presiones/presione
cancel: cancelar cancela/cancele/cancelen cancelas/cancela canceles/cancele
cancel: anular anula/anule/anulen anulas/anula anules/anule
cancel: borrar borra/borre/borren borras/borra borres/borre
cancel: eliminar elimina/elimine/eliminen eliminas/elimina elimines/elimine
cancel: quitar quita/quite/quiten quitas/quita quites/quite
cancel: retirar retira/retire/retiren retiras/retira retires/retire
cancel: tumbar tumba/tumbe tumbas/tumba tumbes/tumbe
revoke: revocar revoca/revoque/revoquen/revoco revocas/revoca revoques/revoque
revoke: terminar termina/termine terminas/termina termines/termine
stop: parar para/pare/paren/parad paras/para pares/pare
stop: detener deten/detene/detenga/detengan detienes/detiene detengas/detenga
stop: frenar frena/frene/frenen frenas/frena frenes/frene
stop: congelar congela/congele/congelen congelas/congela congeles/congele
stop: suspender suspende/suspenda suspendes/suspende suspendas/suspenda
stop: apagar apaga/apague/apaguen apagas/apaga apagues/apague
stop: bloquear bloquea/bloquee bloqueas/bloquea bloquees/bloquee
stop: pausar pausa/pause pausas/pausa pauses/pause
switch: cambiar cambia/cambie/cambien cambias/cambia cambies/cambie
switch: volver vuelve/volve/vuelva vuelves/vuelve vuelvas/vuelva
"""
# Where "I" or what happened could be meant too, only the form with a pronoun is a command.
_WITH_PRONOUN: Final = words(
    "da de entre clave pare para sale crees cree programa entra carga toma traiga"
)
_CLITICS: Final = re.compile(r"(?:me|nos|te|se|les?|l[oa]s?)+")


def _forms() -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for line in _VERBS.strip().splitlines():
        role, _, rest = line.partition(": ")
        infinitive, *others = rest.split()
        moods: tuple[Mood, ...] = ("order", "asked", "wished")
        for mood, forms in zip(moods, others, strict=False):
            for form in forms.split("/"):
                found.setdefault(form, Verb(cast("Role", role), mood))
        root, ending = infinitive[:-2], infinitive[-2:]
        for form in ("ara", "aras") if ending == "ar" else ("iera", "ieras"):
            found.setdefault(f"{root}{form}", Verb(cast("Role", role), "wished"))
        found[infinitive] = Verb(cast("Role", role), "bare")
    return found


_FORMS: Final = _forms()
_ALONE: Final = {form: each for form, each in _FORMS.items() if form not in _WITH_PRONOUN}


@lru_cache(maxsize=2048)
def verb(word: str) -> Verb | None:
    """Return what a form of a verb is, with its pronouns or without."""
    if word in _ALONE:
        return _ALONE[word]
    for end in range(len(word) - 2, 2, -1):
        found = _FORMS.get(word[:end])
        if found is not None and found.mood != "asked" and _CLITICS.fullmatch(word[end:]):
            return found
    return None


_MODE: Final = r"(?:modo|modalidad|operacion|control) (?:de operacion )?"

SPANISH: Final = Grammar(
    verb=verb,
    number=spanish_number,
    strips=STRIPS,
    dollars=words(
        "dolares dolar dolars dolarcitos dolaritos dolarucos usd usdt usdc dollars dollar bucks verdes us"
    ),
    euros=words("euros euro eur leuros"),
    doubtful_money=words(
        "pesos peso pavos pavo lucas luca soles plata lana palos palo mangos barras varos reales mxn ars cop clp pen quid libras bolivares quetzales"
    ),
    percent=any_of("%|por ciento|porciento|por cien"),
    one=words("un una uno"),
    half_a=words("medio media"),
    portions=(
        (
            any_of(r"(?:las )?(?:tres|#3) cuartas? partes|(?:los )?(?:tres|#3) cuartos"),
            "three quarters",
        ),
        (any_of(r"(?:los )?(?:dos|#2) tercios|(?:las )?(?:dos|#2) terceras partes"), "two thirds"),
        (any_of(r"(?:la )?mitad"), "half"),
        (any_of(r"(?:un|el) tercio|(?:una|la) tercera parte"), "a third"),
        (any_of(r"(?:un|el) cuarto|(?:una|la) cuarta parte"), "a quarter"),
        (any_of(r"(?:un|el) quinto|(?:una|la) quinta parte"), "a fifth"),
        (any_of(r"(?:un|el) decimo|(?:una|la) decima parte"), "a tenth"),
        (
            any_of(
                r"todo|toda|todos|todas|todito|todita|toditos|enterit[oa]|enter[oa]s?|complet[oa]s?|la totalidad|por completo|lo que (?:tengo|tenga|me queda) (?:de|en)|hasta el ultimo"
            ),
            "all",
        ),
    ),
    vague=any_of(
        "un poco|un poquito|poquito|algo|unos|unas|un pelin|una pizca|un cacho|un tanto|alguito|un toque|unos pocos|unos cuantos|una parte|parte|un monton"
    ),
    mine=any_of("mi|mis|mios?|mias?"),
    cash=any_of(r"(?:el |la )?(?:efectivo|dinero|liquidez|cash|plata|lana|guita|saldo)"),
    into=any_of("en|a|al|para|de|sobre|hacia"),
    it=any_of(r"lo|eso|esa|ese|esto|ello|todas|todos|mios?|mias?|\S+(?:lo|la|los|las)"),
    when=any_of(
        "si|cuando|en cuanto|apenas|una vez que|tan pronto como|ni bien|en caso de que|siempre que|si es que|como"
    ),
    falls=words(
        "baja baje bajan bajara bajase cae caiga cayera cayese desciende descienda desploma desplome hunde hunda debajo menos abajo pierde pierda retrocede retroceda tumba"
    ),
    rises=words(
        "sube suba suben subiera subiese supera supere superara pasa pase pasara rebasa rebase rompe rompa encima mas arriba cruza cruce trepa trepe excede exceda"
    ),
    reaches=words(
        "llega llegue llegara alcanza alcance toca toque esta este vale valga cotiza cotice anda ande queda quede pone ponga cuesta cueste marca marque"
    ),
    at=r"(?:a|en|con|al|por)? ?(?:un |el )?(?:precio )?(?:limite|limit|tope|precio)(?: (?:de|a|en))*|a|en|@|a (?:los|unos)|en (?:los|unos)|cuando este (?:a|en)",
    openers=words(
        """
        porfa porfas porfis please plis por favor porfavor hola holaa buenas buenos dias tardes noches oye oiga oigan oyes hey ey eh mira mire
        che bueno bien dale venga vale va vaya ok okey okay listo entonces pues pos asi que ahora ya mismo ahorita ahoritita hoy rapido
        rapidito inmediatamente urgente urgentemente enseguida ahi aqui aca alla tio tia wey guey bro bru causa pana parce parcero mano hermano carnal
        compa amigo amiga crack maestro jefe jefa mijo mija chico chica loco boludo man socio viejo querido querida asistente bot unified chat
        si y e o sea pero anda ande tambien ademais ademas mejor solo nomas no mas favor hazme haz hagame haga el la los las un una de del a al en
        que te lo ruego pido decidido decidida hecho claro perfecto genial gracias muchas otra vez nuevamente otros otro otras orden ordenes
        mercado compra limite limitada limit market me nos le les se por fin primero se me gracias eso esto con cuidado da igual pos sip sii
        presente usted vos tu todas todos todo abiertas abierta pendientes porque es momento gustaria quiero quisiera querria necesito deseo mi mis
        """
    )
    - words("y o"),
    heads=any_of(
        r"""
        (?:yo )?(?:quiero|quisiera|querria|necesito|deseo|desearia|me gustaria|me apetece|prefiero|toca|preciso)(?: (?:yo|que))?
        (?:me |nos |lo |la |le )?(?:puedes|podes|podrias|podria|puede|podeis|pueden|podrian)(?: (?:usted|vos|tu))?
        (?:te|le) (?:importa|importaria|molesta|molestaria)|seria(?:s)? tan amable de|es tan amable de|si eres tan amable de|vamos a|favor de|a ver si (?:me )?(?:puedes|podes)
        (?:haz|haga|hace) el favor de|procede a|proceda a|hay que|orden de|voy a querer|me (?:ayudas|ayuda|ayudarias) a|ayudame a
        """
    ),
    desires=any_of(
        r"(?:yo )?(?:quiero|quisiera|querria|necesito|deseo|me gustaria(?: tener)?|me apetece[n]?)"
    ),
    nudge=any_of(r"porfa|porfis|dale|va|venga|bueno|ok|okay|listo|please|ya|entonces|pues"),
    asks=any_of(
        r"""
        (?:me |nos |lo |la |le )?(?:puedes|podes|podrias|podria|puede|podeis|pueden|podrian)
        (?:te|le) (?:importa|importaria|molesta|molestaria)|seria(?:s)? tan amable|a ver si
        """
    ),
    wants=any_of(
        r"(?:quiero|quisiera|querria|necesito|deseo|me gustaria|podrias|te pido|le pido|prefiero)(?: \S+)? que(?: (?:me|nos|lo|le|ya))*"
    ),
    danger=any_of(
        r"""
        no|ni|nunca|jamas|tampoco|sin|si|cuando|quiza|quizas|tal vez|talvez|a lo mejor|capaz|acaso|ojala|depende|segun|salvo|excepto|menos|o|u
        manana|pasado|mas tarde|mas adelante|luego|despues|pronto|proxim[oa]s?|algun dia|un dia de estos|esta noche|cada|todos los|todas las (?:semanas|mananas|noches)|semanal(?:mente)?|mensual(?:mente)?|diari[oa]s?|diariamente|siempre|periodicamente|recurrente|quincenal(?:mente)?|anual(?:mente)?|al (?:dia|mes|ano)|por (?:semana|mes|dia)|a la semana
        lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|ayer|anoche|antier|anteayer|anteriormente|hace|habia|hubiera|hubiese|habria|haber|he|has|ha|han|hemos|llevo|comprado|vendido|metido|invertido|compraba|vendia|fue|era|eran|iba|estaba|queria
        di[cj]e|dijo|dicen|dijeron|diciendo|diciendome|cuentan|leyo|leido|oido|escuche|escuchado|recomienda[ns]?|aconseja[ns]?|sugiere[ns]?|recomiendas|propone[ns]?|titular|noticia|noticias|mensaje|correo|newsletter|canal|grupo|anuncio
        que (?:es|son|significa|hace|hacen|sirve|quiere decir|pasa|tal)|para que|que pasaria|que opinas|que piensas|que te parece|que riesgo|que tan|cuant[oa]s?|cual|cuales|quien|quienes|donde|por que|como
        deberia[ns]?|debo|debemos|conviene|convendria|recomendable|vale la pena|crees|piensas|opinas|parece|imagina|imaginate|supon|supongamos|suponiendo|suponte|hipotetic[oa](?:mente)?|ejemplo|hipotesis|simula|simulacro|broma|chiste|jaja+|pensando|pienso|considerando|dudo|duda|dudas|creo|seguro que|puedo|podemos|podria yo|se puede|es posible|sera|seria
        credito|prestado|prestada|prestamo|deuda|a (?:mi|tu|su) (?:herman|hij|prim|amig|cunad|novi|espos|padre|madre|mujer|marido)\w*|apalancamiento|apalancad[oa]|corto|cortos|short|futuros|margen|x\d+|trailing|oco
        maximo|minimo|como mucho|al menos|por lo menos|hasta|entre|doble|triple|explica|explicame|significa|traduce|traduceme|aprende|aprender
        cuenta|real|live|bolsa|exchange|broker|binance|coinbase|kraken|bybit|okx|bitstamp|direccion|wallet|billetera|transfiere|transferir|envia|enviar|retiro|regla|reglas|instrucciones|confirmacion|aprobar|aprobacion|permiso
        ioc|fok|post|maker|espera|esperate|aguanta|todavia|aun|hipotetico|gane|perdi|ganaria|perderia|recibiria
        """
    ),
    goods=any_of(
        r"cafe|pan|pizza|cerveza|casa|coche|carro|entradas?|regalo|flores|leche|acciones|oro"
    ),
    each=any_of(r"(?:a |en |de )?cada un[oa](?: de)?|(?:a |en |de )?cada moneda|c/u|por cabeza"),
    corrects=words(
        "no perdon perdona disculpa digo mejor equivoque equivocado quise queria decir sean sea fueran sino corrijo referia"
    ),
    fills=words(
        "me he que de en a al por pues vale bueno ah ay uy ups porfa pon ponle ponme haz hazlo dejalo solo solamente el la los las lo y unos unas era eran quiero ahora y pues para entonces bien ok mas como con dale va venga"
    ),
    negations=any_of("no|ni|nunca|nada|sin|ya|mas|jamas"),
    questions=any_of(
        r"(?:oye|che|y|bueno|entonces|hola|,| )*(?:deberia|debo|debemos|conviene|me conviene|convendria|vale la pena|merece|es (?:buen|mal|el) |compro|vendo|que|como|cual|cuant[oa]s?|cuando|donde|por que|crees|puedo|se puede|seria)"
    ),
    advice=any_of(
        r"deberia[ns]?|debo|conviene|convendria|opinas|piensas|parece|crees|vale la pena|buena idea|mala idea|hago bien|seguro|tu que|bien|mal"
    ),
    others=any_of(
        r"""
        (?:mi|tu|su|el|la|un|una|este|esta|ese|esa|aquel|mis|sus|los|las) (?:[a-z]+ )?(?:hij[oa]s?|herman[oa]s?|prim[oa]s?|ti[oa]s?|amig[oa]s?|cunad[oa]s?|jef[ea]s?|vecin[oa]s?|compañer[oa]s?|companer[oa]s?|abuel[oa]s?|niet[oa]s?|padre|madre|papa|mama|espos[oa]|marido|mujer|novi[oa]|asesor[oa]?|banco|gente|ballenas?|inversor(?:es)?|empresa|gobierno|robot|chico|chica|tipo|senor[a]?|youtuber|influencer|experto|expertos|foro|articulo|todo el mundo)
        ella|ellos|ellas|alguien|nadie|uno|la gente|todo el mundo|muchos|nosotros|blackrock|saylor|musk|elon|trump
        """
    ),
    reason=any_of(
        r"que|porque|ya que|pues|es que|puesto que|dado que|como|ya no|no (?:me|lo|la|quiero|aguanto|confio|puedo|tengo|se|estoy|hace|vaya|soporto|entiendo)|yo|me|tengo|estoy|necesito|voy|quiero|prefiero|creo|gracias|a ver|para"
    ),
    takes_back=any_of(
        r"no lo hagas|no hagas|no todavia|todavia no|aun no|mejor no|olvidalo|olvida|es broma|era broma|broma|espera|esperate|dejalo|deja|no compres|no vendas|no compre|no venda|mentira|nada|que te parece|que opinas|que dices|que piensas|cancelalo"
    ),
    joints=any_of("asi que|entonces|por eso|por lo que|pero|porque|ya que|conque"),
    pairs=(
        (
            any_of(
                r"(?:salir(?:me)?|sal|salga|saca(?:me|nos)?|saque(?:me)?|quiero salir(?:me)?|fuera) (?:de|del)"
            ),
            "exit",
        ),
        (
            any_of(r"(?:deshazte|deshacerme|deshagase|deshagamonos|deshacete|deshacernos) de"),
            "exit",
        ),
    ),
    order=any_of(
        r"ordenes|orden|ordens|orders?|pedidos?|stops?|takeprofit|limites?|lo (?:que (?:tengo|tenga|haya|hay|esta) )?pendiente"
    ),
    them=any_of(
        r"(?:\S+ )?(?:(?:cancela|anula|cancele|anule|borra|elimina)(?:me)?las|quiero (?:cancelar|anular)las)(?: (?:todas|por favor|ya|porfa|,))*"
    ),
    mandate=any_of(r"mandatos?|poder(?: que \S+)?|autorizacion|mandate"),
    everything=any_of(
        r"todo|todito|trading|operaciones|comercio|operativa|bot|bots|maquina|sistema|robot|el chiringuito"
    ),
    positions=any_of(
        r"(?:todas? )?(?:las |mis )?(?:posiciones|monedas|criptos?|inversiones|tenencias|cartera|portafolio)|todo(?: lo que tengo)?|lo que tengo"
    ),
    brake=any_of(
        r"emergencia|boton (?:de panico|de emergencia|rojo)|freno(?: de emergencia)?|parada(?: de emergencia)?|kill switch|killswitch|alto|panico"
    ),
    rebalance=any_of(
        r"re ?(?:e?quilibr|balance)[a-z]*|(?:re)?(?:balance|equilibr|ajust|acomod)(?:a|e|ar|arme|ame|eme|alo|ala)"
    ),
    within=any_of(
        r"(?:opera|opere|operes|invierte|negocia|compra|actua|tradea)(?: \S+){0,3} (?:dentro|en el marco|segun|con) (?:de |del )?(?:lo que permite )?(?:mi |el |tu )?(?:mandato|limite)"
    ),
    several=any_of(
        r"(?:una )?(?:cesta|canasta)|(?:varias|distintas|diferentes|algunas|unas|las mejores|mejores|otras)(?: de)?(?: \S+)? ?(?:monedas|criptos?|criptomonedas|coins|activos)?|cripto|criptos|criptomonedas|monedas|el mercado|diversificad[oa]s?|repartid[oa]s?"
    ),
    invests=any_of(r"invierte(?:me|lo)?|invierta(?:me)?|invertir(?:lo)?|inviertas"),
    modes=(
        (any_of(r"modo (?:de )?emergencia"), "switch to emergency mode"),
        (any_of(rf"{_MODE}manual|(?:a|en|al) manual|manualmente"), "switch to manual mode"),
        (any_of(rf"{_MODE}asistid[oa]|(?:a|en|al) asistid[oa]"), "switch to assisted mode"),
    ),
    profiles={
        **dict.fromkeys(
            words(
                "prudente cauto cauta cauteloso cautelosa cautious conservador conservadora conservative defensivo defensiva precavido precavida seguro"
            ),
            "cautious",
        ),
        **dict.fromkeys(
            words(
                "equilibrado equilibrada balanceado balanceada balanced moderado moderada neutral medio intermedio"
            ),
            "balanced",
        ),
        **dict.fromkeys(
            words(
                "atrevido atrevida audaz agresivo agresiva arriesgado arriesgada bold valiente osado osada lanzado dinamico"
            ),
            "bold",
        ),
    },
    tags=any_of(
        "vale|ok|okey|okay|si|sale|de acuerdo|porfa|por favor|puede ser|dale|bueno|listo|te parece|estamos"
    ),
    for_me=words("me nos le"),
    pronoun=any_of(r"\w{3,}(?:lo|la|los|las)|lo|la|eso|al? (?:ese|eso)"),
    ordinals=(
        (any_of("(?:de|en) (?:la primera|el primero)|del primero"), "of the first one"),
        (any_of("(?:de|en) (?:la segunda|el segundo)|del segundo"), "of the second one"),
        (
            any_of("(?:de|en) (?:la (?:ultima|otra)|el (?:ultimo|otro))|del (?:ultimo|otro)"),
            "of the last one",
        ),
    ),
    alarms=any_of(
        r"hackea\w+|hackead\w+|hacker|roba\w+|estaf\w+|socorro|auxilio|ayuda|panico|fraude|intrus\w+|algo (?:va|anda|esta|huele|salio) mal|(?:algo|muy|todo) raro"
    ),
    alike=any_of(
        "(?:haz |hazme |compra |vende )?(?:otra vez )?(?:lo mismo|igual|otro tanto)(?: pero)?(?: ahora)?"
    ),
)
