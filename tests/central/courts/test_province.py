"""The shipped court tree is whole, and a file with a mistake is refused with a sentence that names the entry."""

from collections import Counter
from datetime import date

import pytest
from pydantic import ValidationError

from central.courts.province import Role, load_demo, load_province, packaged

PROVINCE = load_province(packaged("liaoning.toml"))

HEAD = 'name = "辽宁省"\nname_en = "Liaoning"\nchar = "辽"\nlatin = "ln"\narea = "21"\n'
TREE = {
    "辽": {"level": "high", "area": "210000"},
    "辽01": {"level": "intermediate", "parent": "辽", "area": "210100"},
    "辽0102": {"level": "basic", "parent": "辽01", "area": "210102"},
}


def a_file(tree: dict[str, dict[str, str]], tail: str = "") -> str:
    """Return a province file; the keys of `tree` stand for codes, its values for the fields that differ from the plain case."""
    rows = []
    for code, fields in tree.items():
        plain = {"code": code, "latin": "ln" + code[1:], "name": f"{code}法院", "name_en": code}
        written = "".join(f'{key} = "{value}"\n' for key, value in {**plain, **fields}.items())
        rows.append(f"[[courts]]\nvalid_from = 2016-01-01\nconfirmed = false\n{written}")
    return HEAD + "\n".join(rows) + tail


def changed(code: str, /, **fields: str) -> dict[str, dict[str, str]]:
    return {**TREE, code: {**TREE.get(code, {}), **fields}}


def test_the_tree_has_one_high_court_fourteen_cities_three_specialised_courts_and_a_hundred_basic_courts() -> (
    None
):
    counts = Counter((court.level, court.kind == "general") for court in PROVINCE.courts)

    assert counts == {
        ("high", True): 1,
        ("intermediate", True): 14,
        ("intermediate", False): 3,
        ("basic", True): 100,
    }


def test_the_intermediate_courts_of_the_cities_run_from_01_to_14_under_their_city_names() -> None:
    cities = [court for court in PROVINCE.courts if court.level == "intermediate" and court.kind == "general"]

    assert [court.digits for court in cities] == [f"{n:02}" for n in range(1, 15)]
    assert "、".join(court.name.removesuffix("市中级人民法院") for court in cities) == (
        "沈阳、大连、鞍山、抚顺、本溪、丹东、锦州、营口、阜新、辽阳、盘锦、铁岭、朝阳、葫芦岛"
    )


def test_the_code_of_every_basic_court_follows_from_its_area_code_and_its_parent() -> None:
    for court in PROVINCE.courts:
        if court.level == "basic":
            assert court.area is not None
            assert court.code == "辽" + court.area[2:]
            assert court.parent == court.code[:3]


def test_every_city_has_basic_courts() -> None:
    parents = {court.parent for court in PROVINCE.courts if court.level == "basic"}

    assert parents == {f"辽{n:02}" for n in range(1, 15)}


def test_a_confirmed_court_names_its_source_and_the_others_say_that_they_are_derived() -> None:
    assert all(court.source for court in PROVINCE.courts if court.confirmed)
    assert {court.code for court in PROVINCE.courts if court.confirmed and court.level == "basic"} == {
        "辽0103",
        "辽0214",
        "辽0321",
        "辽0703",
        "辽0782",
        "辽1204",
    }


def test_every_court_counts_from_the_day_the_case_number_rules_took_effect() -> None:
    assert {court.valid_from for court in PROVINCE.courts} == {date(2016, 1, 1)}


def test_the_path_leads_from_the_high_court_down() -> None:
    assert PROVINCE.path_of("辽0102") == "/辽/辽01/辽0102/"
    assert PROVINCE.path_of("辽") == "/辽/"


def test_an_unknown_code_has_no_path() -> None:
    with pytest.raises(ValueError, match="no court with the code 辽9999"):
        PROVINCE.path_of("辽9999")


def test_top_down_puts_each_court_after_its_parent() -> None:
    province = load_province(a_file(dict(reversed(TREE.items()))))

    assert [court.code for court in province.top_down()] == ["辽", "辽01", "辽0102"]
    assert province.root.code == "辽"


def test_every_level_has_a_petition_office_and_a_hall() -> None:
    for level in ("high", "intermediate", "basic"):
        keys = {department.key for department in PROVINCE.departments_of(level)}
        assert {"filing", "hall", "inspection", "enforcement"} <= keys


def test_a_court_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PROVINCE.root.name = "另一个法院"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (
            changed("辽0102", level="intermediate"),
            "The court 辽0102 is of level intermediate: its code needs 2 digits",
        ),
        (changed("辽0102", parent="辽02"), "The parent 辽02 of the court 辽0102 is not in the file"),
        (
            changed("辽0102", parent="辽"),
            "The court 辽0102 of level basic must hang below intermediate, not below 辽",
        ),
        (changed("辽0102", area="210103"), "The court 辽0102 does not follow from its area code 210103"),
        (changed("辽0102", latin="ln0103"), "The court 辽0102 needs the Latin code ln0102"),
        (changed("辽0102", colour="red"), r"Entry 3 of courts \(辽0102\), field colour"),
        (changed("辽01", code="辽0102", latin="ln0102"), "The court code 辽0102 stands 2 times"),
        (changed("辽0102", name="辽01法院"), "The court name 辽01法院 stands 2 times"),
        ({**TREE, "黑": {"level": "high"}}, "The court code 黑 must begin with 辽"),
        ({"辽01": {"level": "intermediate"}, "辽02": {"level": "intermediate"}}, "found: 辽01, 辽02"),
        ({}, "found: none"),
        (
            {"辽01": {"level": "intermediate"}},
            "The court 辽01 of level intermediate must hang below high, not below nothing",
        ),
        (changed("辽0102", level="tribunal"), r"Entry 3 of courts \(辽0102\), field level"),
    ],
)
def test_a_wrong_tree_is_refused_with_a_sentence_that_names_the_entry(
    tree: dict[str, dict[str, str]], sentence: str
) -> None:
    text = a_file(tree) if tree else HEAD + "courts = []\n"

    with pytest.raises(ValueError, match=sentence):
        load_province(text)


def test_a_court_marked_confirmed_without_a_source_is_refused() -> None:
    text = a_file(TREE).replace("confirmed = false", "confirmed = true")

    with pytest.raises(ValueError, match="The court 辽 is marked confirmed but names no source"):
        load_province(text)


def test_a_file_without_courts_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a list named courts"):
        load_province(HEAD)


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="not valid TOML"):
        load_province("courts = [")


def a_person(**fields: str) -> str:
    plain = {
        "username": "reg.0102",
        "name": "安知远",
        "name_en": "An Zhiyuan",
        "court": "辽0102",
        "department": "filing",
    }
    written = "".join(f'{key} = "{value}"\n' for key, value in {**plain, **fields}.items())
    return f'[[staff]]\nroles = ["registrar"]\n{written}'


def test_the_demonstration_has_every_role_in_each_of_its_six_courts() -> None:
    staff = load_demo(packaged("demo.toml"), province=PROVINCE)
    roles: dict[str, set[Role]] = {}
    for person in staff:
        roles.setdefault(person.court, set()).update(person.roles)

    assert set(roles) == {"辽", "辽01", "辽0102", "辽0103", "辽02", "辽0202"}
    assert all(len(held) == 7 for held in roles.values())


def test_no_two_people_of_the_demonstration_share_a_name() -> None:
    staff = load_demo(packaged("demo.toml"))

    assert len({person.name for person in staff}) == len(staff)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (a_person(court="辽9999"), "The court 辽9999 of reg.0102 is not a court of 辽宁省"),
        (
            a_person(department="civil1"),
            "The department civil1 of reg.0102 does not exist in a court of level basic",
        ),
        (a_person() + a_person(), "The username reg.0102 stands 2 times"),
        (a_person(password="x"), r"Entry 1 of staff \(reg.0102\), field password"),
        (a_person(username="登记员"), r"Entry 1 of staff \(登记员\), field username"),
        (a_person().replace("registrar", "king"), r"Entry 1 of staff \(reg.0102\), field roles.0"),
        ("people = 3\nstaff = []\n", "unknown entry: people"),
    ],
)
def test_wrong_demonstration_staff_is_refused_with_a_sentence_that_names_the_person(
    text: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        load_demo(text, province=PROVINCE)
