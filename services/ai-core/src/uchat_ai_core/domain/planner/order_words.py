"""The words of orders: each has a class of one letter, so that an order is a row of letters.

    B buys  S sells, with a size  C sells, all if no size is named  W turns one thing into another
    P puts money into something  T takes, buys where a size and an asset follow
    A asset  M money  N number  H part of a whole  V no certain size  K a size that was named before
    I into  @ a limit follows  X cash  Y stands for an asset  E each  & and  J goes on
    G small words of an order  i the writer  F order nothing  Q asks politely  q asks to get
    Z a stop loss  z a take profit
    D makes whatever is said no order  R tells what others say  n denies  t another time
    U any other
    w a price that an order waits for, of which no word is one (see `order_plans`)

Phrases are written with underscores; the longest that fits is taken.
"""

from collections.abc import Mapping
from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_CLASSES: Final = """
B buy purchase acquire snag cop scoop snap pick_up pick_me_up scoop_up snap_up stock_up_on
B load_up_on load_me_up_on add top_up top_up_on increase bid buy_in buy_me_in buy_me_into buy_into
B get_hold_of get_me_into accumulate long_spot boost buying purchasing grow up_my build_up order
B get_me_in mkt_buy market_buy limit_buy buy_side buy_limit lmt_buy b
S sell dump unload shed lighten lighten_up lighten_up_on trim reduce cut cut_back cut_back_on
S slash offer sell_off trim_down scale_back scale_down scale_out_of decrease lower part_with skim
S shave knock_off selling take_off_the_table book_profit book_profits book_profit_on
S book_profits_on take_some_profit_on up_for_sale for_sale can_go lmt_sell mkt_sell market_sell
S limit_sell sell_side sell_limit bring_down take_down ease_off go_lighter_on
C offload ditch flog close exit liquidate unwind get_rid_of get_shot_of get_out_of get_me_out_of
C go_out_of dispose_of out_of sell_up bail_me_out_of take_me_out_of pull_out_of
C get_me_completely_out_of cash_out cash_out_of cash_me_out_of cash_me_out close_out close_out_of
C sell_out_of bail_on bail_out_of drop chuck_out flatten jettison dump_out_of rid_me_of
C want_out_of
W convert swap exchange turn change trade flip switch rotate
P put place throw toss chuck stick ape pour sink shove lob slam plow yolo stash invest spend use
P blow allocate park move whack smack bung pop plonk slap bang slide drop_in pump deploy commit
P plough punt sling wang ape_in go_in go_all_in set_aside sneak slip send_it shift channel pile
P wack split
T get take want need give grab fetch gimme i'll_take i'll_have i_will_take i_will_have ill_take
T ill_have i'd_like i_would_like id_like would_like i'd_love after i_am_after i'm_after im_after
T give_me get_me want_to_own order_me hook_me_up_with sort_me_out_with want_to_have fancy wish_for
V some bit little few part piece couple several hundreds few_hundred few_thousand few_bucks
V few_dollars couple_of
I in into on onto to towards toward for
X cash money usdt usd balance dollars funds fiat usdc dough cash_balance
Y it them that those this one ones that_one that_coin mine these
E each apiece each_one of_each equally evenly in_equal_parts split_equally split_evenly
K the_same same that_much same_amount that_amount the_lot_of_it all_of_that as_much same_sum
K the_same_amount the_same_sum
& and & plus also n as_well_as along_with together_with
J which so but because cause cuz coz since as though although then bcoz bc therefore thus while
J seeing hence scratch_that anyway anyways
G bitty my the a an of from with worth at_market market mkt spot more another extra additional
G again me us position positions holding holdings stake coins coin units tokens token about around
G roughly up approximately exactly own amount sum total only by you want_to would_like_to
G would_love_to wanna like_to need_to bags our lot portion share at_the_market at_market_price
G at_current_price at_the_current_price market_order market_price at_market_rate altogether
G completely entirely fully in_full whole_lot de ya me_some gonna_need_you_to position_in exposure
G size down off buck value equivalent or_so ones_own stack purse side both two_orders total_of
G in_total coins_of both_of_them
Z stop_loss stop_losses stop-loss stoploss sl a_stop the_stop stop_on stop_for stop_at stop_under
Z stop_order protective_stop a_hard_stop a_tight_stop sell_stop buy_stop a_stop_loss the_stop_loss
Z my_stop_loss put_a_stop_loss put_a_stop a_stop_limit stop_limit stop-limit protect stop_below
Z stop_beneath stop_market stops_on stop_of my_stop
z take_profit take_profits take-profit takeprofit tp profit_target target_price profit_taking
z profit_order lock_in_profits lock_in_profit secure_profits lock_in_my_profits take_my_profits
z take_my_profit lock_in_my_profit
G for_me for_us orders purchase_order currency cryptocurrency crypto holding_of amount_of
G in_my_account my_holdings_of position_of existing current entire_position in_one_go all_at_once
G at_once limit_order do_me_some i_want_you_to i_need_you_to help_me let_me lemme want_you_to
G like_you_to need_you_to please_to to_be resting separate off_the_table me_own a_one of_my thing
G on_it like_exactly like trouble sale going on_account i_want_to i'd_like_to i_would_like_to
G i_am_wanting_to am_wanting_to wanting_to wish_to set_a set_up put_in_a put_in place_a place_an
G place_me leave_a leave make_a do_a do_an execute execute_a execute_an submit enter enter_a
G submit_a prepare propose prepare_a open_a open create create_a want_some do_a_quick with_the
G from_my_cash
F please plese pleas pls plz plss thx thanks ty ta ok okay okey k kk now immediately just hey hi
F hello um uh uhh er erm hmm hm well yeah yes yep yup sure alright aight right cool great good
F nice fine kindly today quickly quick asap straight away actually really simply possibly
F basically yo dude mate man bro bruv fam buddy friend dear sir madam maam ma'am there morning
F afternoon evening hiya instead anyhow lol lmao haha rn rq tho asap_please cheers ta_very_much
F right_now right_away straight_away thank_you thank_u thank_you_very_much go_on go_on_then
F go_ahead go_ahead_and do_the_needful do_the_needful_and do_one_thing abeg oya lah leh yaar boss
F chief sharp_sharp be_so_kind be_so_kind_as_to be_so_good_as_to be_a_love be_a_love_and
F be_a_dear_and be_a_dear be_kind_enough_to if_you_can if_possible if_you_please if_you_dont_mind
F if_you_don't_mind if_you_would if_u_dont_mind if_you_could if_that's_ok if_thats_ok when_you_can
F when_you_get_a_chance when_you_have_a_moment when_you_get_a_sec when_you_get_a_minute
F whenever_you_can whenever_you're_ready whenever_you_are_ready for_now this_time by_the_way btw
F here too as_well innit alrighty righto rightio ok_so okay_so alright_so looks_good sounds_good
F it_looks_good that_looks_good that_sounds_good looks_great sounds_great pretty_please omg wow oh
F ooh ah aha gosh jeez lord assistant bot uchat computer robot team folks guys love darling hun
F honey luv pal lad mates sis brother bruh homie not_before until_i_say_so until_i_say_otherwise
F until_further_notice until_i_tell_you until_i_tell_you_otherwise till_i_say_so oh_my_god
F for_good two_things lets_go_ahead_and let's_go_ahead_and let_us_go_ahead_and anymore any_more
F today_please immediately_please tonight_now on_my_behalf for_my_account behalf for_real_now
F no_regrets no_questions long_story_short to_my_account at_whatever_price i_mean i_say i_said
F i_told_you lets let's let_us lets_go lets_goo let's_go whatever never_ever_mind come_on
F then_please finally first next last as_soon_as_you_can as_soon_as_possible asap_thanks if_u_can
F if_you_like for_fun just_to_try_it just_to_try for_starters to_start to_start_with to_begin_with
F also_please voice instantly hurry be_quick stat pronto urgently urgent want_it_done
F make_it_snappy chop_chop enough sweet bet word ace brill brilliant perfect lovely excellent
F super awesome indeed certainly definitely certain decided done_deal thats_it that's_it
F that_is_it all_good cheers_mate one_more_time okey_dokey okie gracias danke bitte por_favor
F jaldi na yaa arre bhai ji eh ey oi good_morning good_evening good_afternoon good_day dear_sir mr
F mrs miss fellas haha_ok market_please
q could_i_get can_i_get may_i_have could_i_have can_i_have may_i_get can_i_please_get
q could_i_please_get could_i_please_have can_i_please_have can_i_just_get
Q can_you could_you would_you will_you can_u could_u would_u will_u would_ya will_ya
Q would_you_please could_i_ask_you_to can_i_ask_you_to may_i_ask_you_to i'd_like_you_to
Q i_would_like_you_to i_should_like_you_to can_you_maybe could_you_maybe could_u_maybe can_u_maybe
Q could_i_trouble_you_to might_i_trouble_you_to would_you_mind do_you_mind would_it_be_possible_to
Q is_it_possible_for_you_to could_ya can_ya would_you_be_so_kind_as_to could_we can_we can_you_go
Q could_you_possibly i_wonder_if_you_could i_was_wondering_if_you_could wondering_if_you_could
Q would_you_be_able_to are_you_able_to might_you i'd_be_grateful_if_you'd
Q i_would_be_grateful_if_you_could i'd_appreciate_it_if_you_could
Q i_would_appreciate_it_if_you_could i'd_be_grateful_if_you_could
@ at @ limit limit_of limit_at limit_price limit_price_of at_a_limit_of at_limit at_no_more_than
@ for_no_more_than for_no_less_than at_no_less_than no_more_than no_less_than at_most at_or_below
@ at_or_above at_a_price_of at_the_price_of below under above over or_better or_lower or_less
@ or_more or_higher or_below or_above or_under lmt price max limit_is for_at_most priced_at
@ at_price with_a_limit_of with_limit with_limit_at at_limit_price limit_price_is
i i im i'm we am
D if unless whether when whenever wherever until till maybe perhaps might hypothetical
D hypothetically suppose supposing pretend imagine imagining kidding joking joke jk example
D forwarded fwd newsletter headline translate meaning poem story song tempted considering consider
D contemplating wondering wonder debating undecided unsure thinking hesitating should_i shall_i
D what_if leverage leveraged margin futures future perps perp calls puts options option nft nfts
D stock stocks shares etf lend borrow staking weekly monthly hourly nightly yearly recurring
D automatically every_day every_week every_month every_monday every_friday every_morning
D every_hour each_day each_week each_month per_day per_week per_month every_time would_have
D should_have could_have what_would what_happens what_would_happen how_would shorting 2x 3x 5x 10x
D 20x once_i once_we once_you should_we would_it i_would_never someday some_day one_day not_sure
D no_idea idk dunno dilemma or explain define describe dreamt dreamed dream would should wait
D the_moment every_payday as_soon_as each_time first_of gold strike contracts contract expiring
D trailing oco iceberg twap every_other is_it was_it does_it would_i could_it eventually thoughts
D advice advise opinion recommend on_second_thought on_second_thoughts never_mind nevermind
D forget_it changed_my_mind_again simulate simulation backtest want_to_know what_do_you_think
D just_the_number just_the_figure just_asking just_curious just_checking
D calculate preview would_cost as_a_test_case paypal gift_card gift_cards voucher
R says said saying tells told wrote writes claims claimed reckons recommends recommended advised
R suggests suggested according_to tweeted tweet posted mentioned quoting insists insisted email
R emailed texted messaged shouted message letter dm
n not no never without don't dont doesn't doesnt didn't didnt won't wont can't cant cannot isn't
n isnt aint ain't nor wouldn't wouldnt shouldn't shouldnt couldn't couldnt nah nope none avoid
t tomorrow tonight later soon yesterday ago next_week next_month next_year next_monday next_friday
t monday tuesday wednesday thursday friday saturday sunday noon midnight o'clock hour hours minute
t minutes day days week weeks month months year years weekend christmas before in_the_morning
t this_evening this_weekend end_of afterwards
D good_price better_price best_price
G i_have_decided_to i've_decided_to ive_decided_to i_decided_to i_wish_to go
F already while_you're_at_it while_youre_at_it while_you_are_at_it
G bag back
B do_buy to_be_bought should_be_bought a_buyer_of i'm_a_buyer_of im_a_buyer_of
S do_sell to_be_sold should_be_sold gets_sold get_sold be_sold goes_on_sale i'm_a_seller_of
S im_a_seller_of a_seller_of
B i'd_appreciate_it_if_you_bought i'd_appreciate_it_if_you_purchased
B i'd_be_grateful_if_you_bought i'd_be_grateful_if_you_purchased
S i'd_appreciate_it_if_you_sold i'd_be_grateful_if_you_sold
@ don't_pay_more_than dont_pay_more_than do_not_pay_more_than not_more_than pay_no_more_than
@ not_less_than no_higher_than no_lower_than my_price_is price_is my_limit_is
F real_quick go if_that_is_all_right if_that's_all_right if_thats_all_right if_that's_alright
F do_it do_that do_that_now do_this set_it set_it_up set_that_up work_it set_both set_them_both
F decision_made no_limit quick_one coins_not_dollars what_the_hell why_not please_be_advised_that
F be_advised_that forthwith when_it_does would_be_great would_be_good would_be_nice
F would_be_lovely would_be_perfect would_be_fine that's_all thats_all and_leave_it_there oga
F period and_that's_it this_instant this_minute this_second
B ladder_me_in ladder_me_in_on ladder_into ladder_in limit_buys
S scale_out limit_sells ladder_out ladder_out_of
F two_limits limits_both both_limits three_limits as_limits in_that_order in_this_order
U joke_coin meme_coin
G from_my_account from_the_account out_of_my_account amount_is size_is quantity_is coin_is side_is
G type_is sum_of i_want_that_you pieces_of i_want_in prep prep_a draft draft_the_card the_card card
G a_buy_of_the
"""
_PARTS: Final = {
    "haf": "50%",
    "half": "50%", "a_half": "50%", "a_quarter": "25%", "one_quarter": "25%", "quarter": "25%",
    "a_fourth": "25%", "three_quarters": "75%", "a_third": "a third", "one_third": "a third",
    "two_thirds": "two thirds", "a_fifth": "20%", "one_fifth": "20%", "a_tenth": "10%",
    "one_tenth": "10%", "all": "all", "whole": "all", "entire": "all", "everything": "everything",
    "whole_bag": "all", "whole_position": "all", "every_bit": "all",
    "every_last_bit": "all", "every_single_bit": "all", "every_last": "all",
    "full": "all", "the_lot": "all", "every_single": "all", "every": "all", "the_rest": "all",
    "all_of_it": "all", "everything_i_have_in": "all", "everything_i_have": "everything",
    "the_whole_lot": "all", "whatever_i_have": "all"
}  # fmt: skip
_OF_WHOLE: Final = """
of_what_i_have what_i_have what_i've_got what_ive_got of_what_i've_got of_what_ive_got i_own i_hold
"""
UNITS: Final = words(
    """
    dollar dollars buck bucks usd usdt usdc us_dollars us_dollar quid_usd clams smackers
    """
)
OTHER_UNITS: Final = frozenset(["euro", "euros", "eur", "gbp", "pound", "pounds", "quid"])
SCALES: Final = {"k": 1000, "grand": 1000, "thousand": 1000, "m": 10**6, "million": 10**6}


def _table() -> Mapping[tuple[str, ...], tuple[str, str]]:
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for line in _CLASSES.strip().splitlines():
        code, *phrases = line.split()
        for phrase in phrases:
            found.setdefault(tuple(phrase.split("_")), (code, phrase))
    for phrase, part in _PARTS.items():
        found[tuple(phrase.split("_"))] = ("H", part)
    for phrase in _OF_WHOLE.split():
        found[tuple(phrase.split("_"))] = ("G", phrase)
    return found


PHRASES: Final = _table()
"""Class and meaning of each word or phrase, by its words."""

STARTS: Final = words(
    """
    i i'm im i've ive i'd my it it's its we we're he she they there need got
    don't dont can't cant been
    """
)
"""Words with which a person goes on to tell something, without a comma."""
SUBJECTS: Final = STARTS - frozenset(
    ["it", "this", "that", "no", "not", "been", "need", "got", "there"]
)
"""Words with which one tells of somebody."""
PURPOSES: Final = words(
    """
    pay fund cover afford finance free raise settle lock be see try test start make help
    celebrate keep diversify hedge average balance reduce have use treat
    """
)
"""What one does something for: "sell 1 ETH to pay the rent"."""
LONGEST: Final = max(map(len, PHRASES))
