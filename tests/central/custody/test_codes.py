"""The code on a cover sheet is read back from the sheet as it prints, and leads to its paper."""

import io

import pytest
import zxingcpp
from PIL import Image

from central.custody import code128
from central.custody.cover import Cover, cover_png
from central.custody.rules import code_of, typed_code


@pytest.mark.parametrize("number", ["辽0102-2026-000001", "辽-2026-999999", "辽01-2026-000020"])
def test_a_printed_cover_sheet_is_read_back(number: str) -> None:
    code = code_of(number, 12)
    sheet = Cover("纸质材料封面", number, code, [("页数", "3")], "随材料保存。", "zh")
    with Image.open(io.BytesIO(cover_png(sheet))) as printed:
        (found,) = zxingcpp.read_barcodes(printed)
    assert (found.text, found.format) == (code, zxingcpp.BarcodeFormat.Code128)
    assert typed_code(f" {code.lower()}\n") == code
    assert typed_code(number + "-p12") == code


def test_signs_that_no_scanner_reads_are_refused() -> None:
    for text in ("", "辽01"):
        with pytest.raises(ValueError, match="code set B"):
            code128.widths(text)
