"""What an attacker types: into every field, parameter and header of every route (S6).

`MARK` stands in what would run in a page. `PRODUCT` is what a template or formula engine would make of the sums.
"""

from dataclasses import dataclass
from enum import StrEnum

MARK = "mx9z"
#: 7919 * 7907, in no page by chance.
PRODUCT = "62615533"
#: Begins a header or a line of the log, if one can be begun.
INJECTED = "x-mx9z-injected"


class Aim(StrEnum):
    """What a payload is after."""

    SCRIPT = "script"
    SQL = "sql"
    TEMPLATE = "template"
    FORMULA = "formula"
    LINE = "line"
    PATH = "path"
    SIGNS = "signs"
    SIZE = "size"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Payload:
    """One text. `breaks_engine`: of a kind over which databases or conversions differ, so it is tried on both engines."""

    aim: Aim
    text: str
    breaks_engine: bool = False


def _all(aim: Aim, *texts: str, breaks_engine: bool = False) -> list[Payload]:
    return [Payload(aim, text, breaks_engine) for text in texts]


PAYLOADS: tuple[Payload, ...] = tuple(
    _all(
        Aim.SCRIPT,
        f"<script>{MARK}()</script>",
        f'"><img src=x onerror={MARK}()>',
        f"'-{MARK}()-'",
        f'" autofocus onfocus={MARK}() x="',
        f"' onmouseover='{MARK}()",
        f"</textarea></title></style><svg/onload={MARK}()>",
        f'<a href="javascript:{MARK}()">x</a>',
        f"--><{MARK}>",
        f"]]><![CDATA[<{MARK}>",
        f"＜script＞{MARK}()＜/script＞",
        f"%3Cscript%3E{MARK}()%3C/script%3E",
        f"&lt;script&gt;{MARK}()&lt;/script&gt;",
        f"<meta http-equiv=refresh content=0;url=//{MARK}.example>",
    )
    + _all(
        Aim.SQL,
        "' OR '1'='1",
        "'; DROP TABLE petition; --",
        '" OR ""="',
        "1) OR (1=1",
        "x' UNION SELECT password_hash FROM staff --",
        "'||(SELECT pg_sleep(30))||'",
        "%_%",
        "\\",
        "1;SELECT randomblob(900000000)",
        breaks_engine=True,
    )
    + _all(
        Aim.TEMPLATE,
        "{{7919*7907}}",
        "${7919*7907}",
        "#{7919*7907}",
        "<%= 7919*7907 %>",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
        "{0.__class__.__init__.__globals__}",
        "{minutes.__class__}",
        "%(key)s%n%s%x",
    )
    + _all(
        Aim.FORMULA,
        "=7919*7907",
        "+7919*7907",
        "-7919*7907",
        "@SUM(7919*7907)",
        "\t=7919*7907",
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://mx9z.example","x")',
        "＝7919*7907",
    )
    + _all(
        Aim.LINE,
        f"x\r\n{INJECTED}: 1",
        f"x\n{INJECTED}: 1",
        f"x\r{INJECTED}: 1\r\n\r\n<{MARK}>",
        f"x%0d%0a{INJECTED}:%201",
        f"x\u2028{INJECTED}\u2029{INJECTED}\u0085{INJECTED}",
        f"\x1b[2J\x1b]0;{MARK}\x07",
        f'{{"event":"{INJECTED}"}}',
    )
    + _all(
        Aim.PATH,
        "../../../../../../etc/passwd",
        "..\\..\\..\\windows\\win.ini",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "....//....//etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "CON",
        ".",
    )
    + _all(
        Aim.LINK,
        f"//{MARK}.example/",
        f"https://{MARK}.example/",
        f"/\\{MARK}.example",
        f"/\t/{MARK}.example",
        f"javascript:{MARK}()",
        f"data:text/html,<script>{MARK}()</script>",
        f"/today@{MARK}.example",
    )
    + _all(
        Aim.SIGNS,
        "\x00",
        "a\x00b",
        "a%00b",
        "\u202egnp.exe",
        "\ufeff\u200b\u2060",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U00020bb7\U000e0041",
        "Z" + "\u0301" * 200,
        "ｓｅｌｅｃｔ　①²٣",
        "²",
        "٣",
        "\uffff\ufdd0",
        "İıſK",
        "",
        " \u3000\t ",
        "null",
        "NaN",
        "Infinity",
        "1e400",
        "-1",
        "0",
        "9223372036854775808",
        "9" * 5000,
        "true",
        "[]",
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        breaks_engine=True,
    )
    + _all(Aim.SIZE, "长" * 10_001, "A" * 70_000, "\n" * 5_000, "<" * 5_000, breaks_engine=True)
)

#: Names of parameters that nobody offers: to filter or sort by what is secret, to bind what is not to be bound.
PROBING: tuple[str, ...] = (
    "order_by",
    "sort",
    "order",
    "filter",
    "where",
    "q[]",
    "court_id",
    "court_id__in",
    "court__ne",
    "password_hash",
    "handler_id",
    "is_open",
    "__class__",
    "__proto__",
    "limit",
    "offset",
    "page_size",
    "fields",
    "include",
    "expand",
    "select",
    "debug",
    "actor",
    "role",
    "roles",
    "staff_id",
    "admin",
    "_method",
    "callback",
    "format",
)
