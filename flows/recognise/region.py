"""The administrative region that the name of an organisation begins with: 某省某市某县林业局 → 某省某市某县.

Provinces are known by name, what lies below them by the last character of its name, from the larger to the smaller.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ruamel.yaml import YAML

from expectations.vocabulary import FOLDER

_BEFORE = re.compile(
    r"(?:中国共产党|中共|中国人民政治协商会议|全国政协|政协|中国共产主义青年团|共青团|中国国民党革命委员会|民革|中国民主同盟|民盟|中国民主建国会"
    r"|民建|中国民主促进会|民进|中国农工民主党|农工党|中国致公党|致公党|九三学社|台盟|国家税务总局|中国人民解放军|中国人民武装警察部队|中华全国总工会)"
)
_SELF_GOVERNING = re.compile(r"[\u4e00-\u9fff]{2,16}?自治[州县旗]")
_LEVELS = (
    re.compile(r"[\u4e00-\u9fff]{1,5}?(?:市(?!区(?!划|域))|州(?![市区县])|盟|地区)"),
    re.compile(
        r"(?:[\u4e00-\u9fff]{1,5}?(?:县(?!级)|区(?!划|域)|市(?!区(?!划|域))|开发区|高新区)|[\u4e00-\u9fff]{1,8}?旗)"
    ),
    re.compile(r"[\u4e00-\u9fff]{1,5}?(?:街道|[镇乡](?!族)|苏木)"),
)
_CENTRAL = re.compile(
    r"中华人民共和国|国家|中央|中共中央|中国共产党中央|全国|国务院|最高人民|中国科学院|中国社会科学院|中国工程院"
)
_TOWNSHIP = re.compile(r"(?:街道|镇|乡|苏木)$")
_COUNTY = re.compile(r"(?:县|旗|(?<!地)区)$|[市州盟].*市$|地区.+市$")
_NO_PLACE = re.compile(
    r"^(?:城[市镇乡]|都市|上市|市[区县]|区县|山区|老区|牧区|红旗|乡镇|下乡|集镇)$|^..+?[和与及]|(?:社|小|校|园|景|灌|库|保护|军|片|辖|功能|示范|度假)区$"
    r"|(?:联|同)盟$"
)
"""Words of other meaning that end like the name of a place."""


def region_of(organisation: str) -> str:
    """The region named at the front of `organisation`, as printed; "" where none is."""
    before = _BEFORE.match(organisation)
    start = position = before.end() if before else 0
    position += len(_province(organisation[position:]))
    own = _SELF_GOVERNING.match(organisation, position)
    if own and not _LEVELS[0].match(own.group()):
        position = own.end()
    for level in _LEVELS:
        found = level.match(organisation, position)
        if found and not _NO_PLACE.search(found.group()):
            position = found.end()
            continue
        own = _SELF_GOVERNING.match(organisation, position)
        if own and position > start:
            position = own.end()
    return organisation[start:position]


def level_of(organisation: str, region: str) -> str:
    """central, province, city, county or township: whose organisation it is, by the last division that its name begins with.

    "" where the name tells neither a division nor the whole country. A city named alone counts as one of prefectures; one named
    behind another city is a county's equal.
    """
    if not region:
        return "central" if _CENTRAL.match(organisation) else ""
    rest = region.removeprefix(_province(region))
    if not rest:
        return "province"
    if _TOWNSHIP.search(rest):
        return "township"
    return "county" if _COUNTY.search(rest) else "city"


def province_code(region: str) -> str:
    """The code (GB/T 2260) of the province that `region` begins with; "" where it begins with none."""
    name = _province(region)
    return next((code for zh, short, code in _provinces() if name in (zh, short)), "")


def _province(text: str) -> str:
    """The province that `text` begins with; by its short name only where a place follows."""
    for name, short, _ in _provinces():
        if text.startswith(name):
            return name
        if text.startswith(short) and any(level.match(text, len(short)) for level in (_SELF_GOVERNING, *_LEVELS[:2])):
            return short
    return ""


@lru_cache(maxsize=1)
def _provinces() -> tuple[tuple[str, str, str], ...]:
    listed = YAML(typ="safe").load((FOLDER / "regions.yaml").read_text("utf-8"))["province"]
    return tuple((str(one["zh"]), str(one["short"]), str(one["code"])) for one in listed)
