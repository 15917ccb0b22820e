"""示例市档案局, an invented department: its years 2023 and 2024, and what its 2023 narrative says of 2022.

No such department exists; names of 类, 款 and 项 are those of the government's classification, all amounts are made up.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

from .accounts import ZERO, Comparatives, FundItem, Holdings, Item, ThreePublic, Year

DEPARTMENT = "示例市档案局"

FUNCTIONS = {
    "201": "一般公共服务支出",
    "20126": "档案事务",
    "2012601": "行政运行",
    "2012602": "一般行政管理事务",
    "2012604": "档案馆",
    "2012699": "其他档案事务支出",
    "20132": "组织事务",
    "2013299": "其他组织事务支出",
    "208": "社会保障和就业支出",
    "20805": "行政事业单位养老支出",
    "2080501": "行政单位离退休",
    "2080505": "机关事业单位基本养老保险缴费支出",
    "2080506": "机关事业单位职业年金缴费支出",
    "210": "卫生健康支出",
    "21011": "行政事业单位医疗",
    "2101101": "行政单位医疗",
    "2101102": "事业单位医疗",
    "2101103": "公务员医疗补助",
    "221": "住房保障支出",
    "22102": "住房改革支出",
    "2210201": "住房公积金",
    "2210203": "购房补贴",
    "229": "其他支出",
    "22960": "彩票公益金安排的支出",
    "2296010": "用于文化事业的彩票公益金支出",
}

VEHICLES = ("主要负责人用车", "机要通信用车", "应急保障用车", "其他用车")


def _amounts(text: str) -> dict[str, D]:
    """`code amount` pairs, amounts in 元."""
    words = text.split()
    return {code: D(amount) for code, amount in zip(words[::2], words[1::2], strict=True)}


ECONOMIC_2023 = _amounts("""
    30101 2386412.36  30102 1598733.27  30103 1204861.54  30107 612344.18  30108 786532.84  30109 393266.42
    30110 398417.65   30111 152306.33   30112 46218.07    30113 748915.00  30199 318624.55
    30302 164287.46   30305 38415.92    30309 1260.00
    30201 186235.47   30202 42316.85    30205 8764.32     30206 63528.74   30207 38447.19   30209 96525.00
    30211 124683.63   30213 57315.26    30215 12446.54    30216 33915.35   30217 8624.47    30226 74535.16
    30227 45924.65    30228 108624.73   30229 93425.55    30231 55246.38   30239 286524.85  30299 64715.49
    31002 48625.24    31007 15324.45
""")

ECONOMIC_2024 = _amounts("""
    30101 2431875.62  30102 1623548.91  30103 1187236.48  30107 655412.73  30108 812644.36  30109 406322.18
    30110 411035.27   30111 158224.69   30112 48316.45    30113 771426.00  30199 305248.34
    30302 171835.64   30305 36248.15    30309 1380.00
    30201 178426.33   30202 39218.46    30205 8235.57     30206 60148.92   30207 36524.75   30209 96525.00
    30211 131275.84   30213 52436.95    30215 11354.26    30216 35864.18   30217 7435.64    30226 68245.35
    30227 41336.87    30228 112354.26   30229 95236.44    30231 52864.73   30239 281436.95  30299 61524.38
    31002 36745.62
""")


def _items(economic: dict[str, D], rest: dict[str, Item]) -> tuple[Item, ...]:
    """The 项 whose basic expenditure follows from `economic`; 行政运行 takes what remains of it."""
    small = D("36214.58")
    basic = {
        "2012604": rest["2012604"].basic,
        "2080501": economic["30302"],
        "2080505": economic["30108"],
        "2080506": economic["30109"],
        "2101101": economic["30110"] - rest["2101102"].basic,
        "2101102": rest["2101102"].basic,
        "2101103": economic["30111"],
        "2210201": economic["30113"],
        "2210203": small * 4,
    }
    basic["2012601"] = sum(economic.values(), ZERO) - sum(basic.values(), ZERO)
    return tuple(replace(item, basic=basic.get(code, ZERO)) for code, item in sorted(rest.items()))


def _item(code: str, initial: str, full: str, **amounts: str) -> tuple[str, Item]:
    return code, Item(code, initial=D(initial), full=D(full), **{name: D(value) for name, value in amounts.items()})


YEAR_2022 = Comparatives(
    grand_total=D("12936485.27"),
    appropriation_total=D("12764218.36"),
    general_expenditure=D("12541386.92"),
    staff=D("8765431.28"),
    operating=D("1502846.37"),
    three_public=ThreePublic(abroad=ZERO, purchase=ZERO, running=D("58463.25"), reception=D("9346.18")),
)

YEAR_2023 = Year(
    year=2023,
    names=FUNCTIONS,
    economic=ECONOMIC_2023,
    items=_items(
        ECONOMIC_2023,
        dict(
            (
                _item("2012601", "5900000", "6250000", own_basic="2153.88", other="3846.27"),
                _item("2012602", "900000", "880000", project="864236.45"),
                _item(
                    "2012604",
                    "2600000",
                    "2790000",
                    basic="1512845.33",
                    project="1236458.74",
                    opening="152368.45",
                    closing="184625.79",
                    own_basic="64235.15",
                    own_project="52000.00",
                    institutional="126400.00",
                ),
                _item("2012699", "520000", "490000", project="486342.57"),
                _item("2013299", "40000", "36000", project="35246.84"),
                _item("2080501", "158000", "164287.46"),
                _item("2080505", "790000", "786532.84"),
                _item("2080506", "395000", "393266.42"),
                _item("2101101", "260000", "262000"),
                _item("2101102", "140000", "137000", basic="136824.37"),
                _item("2101103", "150000", "152306.33"),
                _item("2210201", "735000", "748915"),
                _item("2210203", "150000", "145000"),
            )
        ),
    ),
    funds=(FundItem("2296010", opening=D("20000.00"), income=D("80000.00"), project=D("76543.21")),),
    budget=ThreePublic(abroad=ZERO, purchase=ZERO, running=D("60000"), reception=D("12000")),
    outturn=ThreePublic(abroad=ZERO, purchase=ZERO, running=D("55246.38"), reception=D("8624.47")),
    own_opening=D("21468.33"),
    distribution=D("5318.26"),
    holdings=Holdings(
        goods=D("486325.40"),
        works=ZERO,
        services=D("912648.75"),
        to_small=D("1186324.15"),
        to_micro=D("674215.60"),
        vehicles=dict(zip(VEHICLES, (0, 1, 1, 0), strict=True)),
        vehicles_bought=0,
        equipment=1,
        receptions=9,
        guests=74,
        projects=4,
    ),
)

YEAR_2024 = Year(
    year=2024,
    names=FUNCTIONS,
    economic=ECONOMIC_2024,
    items=_items(
        ECONOMIC_2024,
        dict(
            (
                _item("2012601", "6150000", "6230000", own_basic="2436.15", other="3215.84"),
                _item("2012602", "850000", "920000", project="913627.38"),
                _item(
                    "2012604",
                    "2750000",
                    "3010000",
                    basic="1546327.85",
                    project="1402518.66",
                    opening="184625.79",
                    closing="163542.18",
                    own_basic="58142.36",
                    own_project="61500.00",
                    institutional="131250.00",
                ),
                _item("2012699", "480000", "465000", project="463817.25"),
                _item("2013299", "36000", "36000", project="34125.43"),
                _item("2080501", "165000", "171835.64"),
                _item("2080505", "805000", "812644.36"),
                _item("2080506", "402500", "406322.18"),
                _item("2101101", "268000", "270500"),
                _item("2101102", "145000", "141500", basic="141263.52"),
                _item("2101103", "155000", "158224.69"),
                _item("2210201", "760000", "771426"),
                _item("2210203", "148000", "145000"),
            )
        ),
    ),
    funds=(FundItem("2296010", opening=D("23456.79"), income=D("60000.00"), project=D("71208.63")),),
    budget=ThreePublic(abroad=ZERO, purchase=D("180000"), running=D("58000"), reception=D("10000")),
    outturn=ThreePublic(abroad=ZERO, purchase=D("176346.72"), running=D("52864.73"), reception=D("7435.64")),
    own_opening=D("28007.31"),
    distribution=D("4326.18"),
    holdings=Holdings(
        goods=D("613248.36"),
        works=D("85462.40"),
        services=D("1024356.90"),
        to_small=D("1386245.20"),
        to_micro=D("702418.35"),
        vehicles=dict(zip(VEHICLES, (0, 1, 2, 0), strict=True)),
        vehicles_bought=1,
        equipment=1,
        receptions=7,
        guests=61,
        projects=4,
    ),
)
