"""The region at the front of an organisation's name; organisations are invented, places may be real."""

from __future__ import annotations

import pytest

from flows.recognise.region import level_of, region_of

REGIONS = """
青石市档案局 青石市
青石市市场监督管理局 青石市
青石市城市管理局 青石市
青石市城乡建设局 青石市
青石市区划办 青石市
青石县乡村振兴局 青石县
青石县城镇管理局 青石县
青石县景区管理局 青石县
青石市红岩区和平街道办事处 青石市红岩区和平街道
青石市经济技术开发区管理委员会 青石市经济技术开发区
内蒙古自治区白云盟青石旗农牧局 内蒙古自治区白云盟青石旗
江苏省示例厅 江苏省
江苏青石市水务局 江苏青石市
中共江苏省委示例部 江苏省
海南省青石黎族苗族自治县教育局 海南省青石黎族苗族自治县
青石东乡族自治县司法局 青石东乡族自治县
青山州红河市司法局 青山州红河市
青山土家族苗族自治州红河县大河乡人民政府 青山土家族苗族自治州红河县大河乡
杭州市示例局 杭州市
晋城市城区示例局 晋城市城区
成都市房山区示例局 成都市房山区
荆州市沙市区示例局 荆州市沙市区
景德镇市示例局 景德镇市
吉林市示例局 吉林市
海南州示例局 海南州
国家示例研究院 -
住房和城乡建设局 -
社区服务中心 -
市区两级示例局 -
北京示例大学 -
"""


@pytest.mark.parametrize(("organisation", "region"), [line.split() for line in REGIONS.strip().splitlines()])
def test_the_region_is_the_leading_part_of_the_name(organisation: str, region: str) -> None:
    told = region_of(organisation)
    assert told == region.replace("-", "")
    # What parties and leagues put before the place is no part of it.
    assert region_of("中国共产党" + organisation.removeprefix("中共")) == told


@pytest.mark.parametrize(
    "organisation, level",
    [
        ("中华人民共和国某某部", "central"),
        ("江苏省林业局", "province"),
        ("北京市林业局", "province"),
        ("南京市林业局", "city"),
        ("延边朝鲜族自治州林业局", "city"),
        ("某地区林业局", "city"),
        ("江苏省南京市玄武区林业局", "county"),
        ("湖北省荆州市松滋市林业局", "county"),
        ("某县林业局", "county"),
        ("某县某乡人民政府", "township"),
        ("林业局", ""),
    ],
)
def test_whose_organisation_it_is_shows_by_the_last_division_of_its_name(organisation: str, level: str) -> None:
    assert level_of(organisation, region_of(organisation)) == level
