"""The table: every route of the application with who gets through. `tests.central.rights.table` says how to write a row."""

from central.accounts.permissions import RIGHTS, Right
from central.actor import Role
from central.api import schemas
from central.casework import acts
from central.desk.panel import OWN_PAGE
from central.petitions.states import Act
from central.portal.edge_router import KEPT
from tests.central.rights.table import (
    Row,
    Verdict,
    act,
    day,
    leading,
    order,
    petition,
    public,
    right,
    roles,
    signed,
    thing,
)
from tests.factories.petitions import USUAL

_P = "/petitions/{petition_id}"
_API = "/api/v1/petitions"
_A = _API + "/{petition_id}"
_WHY = {"why": "other", "text": "核对"}
_LETTER = {"channel": "letter", "subject": "题目", "text": "正文", "demands": ["答复"]}
_ANSWERING = (Role.REGISTRAR, Role.HALL_STAFF, Role.LEADER, Role.COURT_ADMIN)
_APPOINTING = (Role.REGISTRAR, Role.HALL_STAFF)
_LEDGERS = (Role.REGISTRAR, Role.COURT_ADMIN)
_ABSENT = Verdict.ABSENT
_ADMIN = roles(Role.COURT_ADMIN)
_PERSON = thing(Role.COURT_ADMIN, below=True, refused=_ABSENT)

#: What an act needs beyond the usual; `{kind}` stands for an id.
_ACT_BODY: dict[Act, dict[str, object]] = {
    Act.ASSIGN: {"handler_id": "{handler}", "leader_id": "{leader}"},
    Act.ASSIGN_REVIEW: {"handler_id": "{handler}", "leader_id": "{leader}"},
    Act.TRANSFER: {"court": "辽02"},
    Act.END_SAME_FACTS: {"into": "辽01-2026-000009"},
    Act.MERGE: {"into": "辽01-2026-000009"},
    Act.NAME_CONFLICT: {"person": "registrar.ln02"},
    Act.SAVE_DRAFT: {"text": "现答复如下。", "items": []},
}


def _body(one: Act) -> dict[str, object]:
    return {**USUAL[one][1], **_ACT_BODY.get(one, {})}


PUBLIC: dict[str, Row] = {
    "GET /": public(),
    "GET /help": public(),
    "GET /submit": public(),
    "POST /submit": public(),
    "POST /submit/files": public(),
    "GET /submit/receipt": public(),
    "GET /submit/receipt.pdf": public(),
    "GET /submit/receipt.png": public(),
    "POST /submit/uploads": public(),
    "PATCH /submit/uploads/{upload_id}": public(),
    "GET /screen": public(),
    "POST /screen": public(_ABSENT, body={"code": "000000"}),
    "GET /screen/view": public(),
    "GET /screen/part": public(),
    "POST /screen/view": public(),
    "GET /track": public(),
    "POST /track": public(body={"number": "{number}", "code": "AAAA-AAAA-AAAA"}),
    "GET /track/petition": public(),
    "GET /track/petition/litigation.pdf": public(),
    "GET /track/petition/litigation-sheet.pdf": public(),
    "GET /track/petition/clocks/{clock_id}": public(),
    "GET /track/petition/clocks/{clock_id}/sheet.pdf": public(),
    "GET /track/petition/satisfaction": public(),
    "POST /track/petition/satisfaction": public(body={"satisfaction": "satisfied"}),
    "GET /track/petition/review": public(),
    "POST /track/petition/review": public(body={"asked": "请复查"}),
    "POST /track/petition/review/withdraw": public(),
    "POST /track/leave": public(),
    # Without a pass: number and code are asked for, whoever comes.
    **{f"GET /track/petition/{form}": public() for form in (*KEPT, "data")},
    **{f"POST /track/petition/{form}": public(Verdict.SIGN_IN, body={"words": "补充"}) for form in KEPT},
    "POST /track/petition/typed/{form}": public(
        Verdict.SIGN_IN, ids={"form": "supplement"}, body={"words": "补充"}
    ),
    "POST /track/petition/data/file": public(),
    "POST /track/again": public(body={"form": "withdraw", "number": "x", "code": "0"}),
    "GET /track/petition/reply.pdf": public(),
    "GET /track/petition/reply.sig": public(),
    "GET /track/petition/reply/{round_}/enclosures/{place}": public(ids={"round_": "1", "place": "1"}),
    "GET /track/petition/letters/{letter_id}.pdf": public(),
    "GET /track/petition/letters/{letter_id}.sig": public(),
    "GET /track/petition/receipt.pdf": public(),
    "GET /track/petition/receipt.png": public(),
    "GET /verify": public(),
    "POST /verify": public(body={"id": "0" * 32}),
    "GET /verify/keys": public(),
    "GET /verify/certificate.pem": public(),
    "GET /verify/{letter}": public(),
    "GET /login": public(),
    "POST /login": public(Verdict.SIGN_IN, body={"username": "nobody", "password": "wrong"}),
    "POST /logout": signed(),
    # There is no provider of single sign-on where these are asked.
    "GET /login/sso": public(_ABSENT),
    "GET /login/sso/back": public(_ABSENT),
    "GET /login/second": public(Verdict.SIGN_IN),
    "POST /login/second": public(Verdict.SIGN_IN, body={"code": "000000"}),
    "POST /login/second/passkey": public(Verdict.SIGN_IN),
    "POST /login/cancel": public(Verdict.SIGN_IN),
    "GET /reset": public(),
    "POST /reset": public(Verdict.SIGN_IN),
    "GET /healthz": public(),
    "GET /readyz": public(),
    "GET /metrics": public(),
    "GET /styleguide": public(),
    "GET /api/v1/openapi.json": public(),
    "POST /boxes/enrolment": public(),
}

OBLIGATIONS: dict[str, Row] = {
    "GET /followups": right(Right.SEE_FOLLOW_UPS),
    "GET /reviews": right(Right.SEE_FOLLOW_UPS),
    "GET /reviews/new": roles(Role.REGISTRAR),
    "POST /reviews": roles(Role.REGISTRAR, body={"number": "0"}),
    "POST /register/matters": roles(Role.REGISTRAR, body={"text": "x"}),
    "POST /register/sorting": roles(Role.REGISTRAR, body={"text": "x"}),
    "GET " + _P + "/sorting": petition(),
    "GET " + _P + "/sorting/panel": petition(asks=False),
    "POST " + _P + "/sorting": petition(wanted=Right.SORT, body={"category": "050203"}),
    "GET /sorting/quality": right(Right.SEE_SORTING),
    "GET /sorting/quality/petitions": right(Right.SEE_SORTING),
    # Nobody where these are asked is of the high court: tests/central/sorting.
    "POST /sorting/versions": roles(),
    "GET " + _P + "/matters": petition(),
    "GET " + _P + "/matters/panel": petition(asks=False),
    "GET " + _P + "/matters/{number}": petition(),
    # Whoever may see the petition gets the form again for a number that there is not.
    "POST " + _P + "/matters": petition(
        wanted=Right.JOIN_MATTERS, body={"other": "{number}", "verdict": "same"}
    ),
    # It asks for a reason on its own page, in one's own work too.
    "GET " + _P + "/history": petition(asks=False),
    "POST " + _P + "/history": petition(asks=False, body=_WHY),
    "GET /hot": right(Right.SEE_HOT),
    "GET /hot/{issue_id}": right(Right.SEE_HOT, passed=_ABSENT),
    "GET /neglect": right(Right.SEE_NEGLECT),
    "GET /obligations": right(Right.SEE_OBLIGATIONS),
    "GET /obligations/report": right(Right.SEE_OBLIGATIONS),
    "GET /obligations/petitions": right(Right.SEE_OBLIGATIONS),
    "GET /obligations/file/{form}": right(Right.SEE_OBLIGATIONS, ids={"form": "csv"}),
}

EXPORTS: dict[str, Row] = {
    "GET /exports": right(Right.EXPORT),
    "GET /exports/new": right(Right.EXPORT),
    "POST /exports": right(Right.EXPORT, body={"why": "other", "text": "核对"}),
    # An export is its owner's and the second person's; here are other people's ids.
    **{
        f"{method} /exports/{{export_id}}{rest}": signed(_ABSENT)
        for method, rest in (
            ("GET", ""),
            *(("POST", f"/{act}") for act in ("approve", "refuse", "file", "discard")),
        )
    },
}

NOTICES: dict[str, Row] = {
    "GET /inbox": signed(),
    "POST /inbox/read": signed(body={"id": "all"}),
    "GET /inbox/preferences": signed(),
    "POST /inbox/preferences": signed(body={"channel": "inbox"}),
    # Without the right it shows one's own alone; tests/central/notifications looks at what is in it.
    "GET /notifications": signed(),
    "POST /notifications/{dispatch_id}/again": signed(_ABSENT),
}

_D = f"{_P}/delivery"
DELIVERIES: dict[str, Row] = {
    "GET /sign": public(),
    "POST /sign": public(_ABSENT, body={"code": "00000000"}),
    "GET /sign/paper": public(),
    "POST /sign/paper": public(),
    "POST /sign/decline": public(),
    "GET /deliveries": right(Right.SEE_DELIVERIES),
    # Chosen are petitions of nobody here: the list comes back.
    "POST /deliveries/labels": right(Right.SEE_DELIVERIES, body={"ids": "x"}),
    f"GET {_D}": petition(),
    # Nobody here left an address; whoever gets through is told so.
    f"GET {_D}/label.pdf": petition(refused_only=True),
    # What does not fit comes back with the page; tests/central/delivery does it right.
    **{
        f"POST {_D}/{way}": petition(delivers=True, body={"receiver": ""})
        for way in ("post", "call", "sign", "hand")
    },
    f"POST {_D}/postings/{{posting_id}}/{{end}}": petition(
        delivers=True, body={"receiver": ""}, ids={"end": "arrived"}
    ),
    "GET /messages": right(Right.SEE_DELIVERIES),
    # None waits where these are asked; tests/central/messages presses the button.
    "POST /messages/{message_id}/again": signed(_ABSENT),
}

_N = f"{_P}/paper"
CUSTODY: dict[str, Row] = {
    "GET /custody": right(Right.SEE_CUSTODY),
    f"GET {_N}": petition(),
    # What does not fit comes back with the page; tests/central/custody does it right. The paper is none.
    f"POST {_N}": petition(workers=True, body={"pages": ""}),
    f"GET {_N}/{{paper_id}}/cover.pdf": petition(refused_only=True),
    f"POST {_N}/{{paper_id}}/move": petition(workers=True, body={"why": ""}),
    f"POST {_N}/{{paper_id}}/return": petition(workers=True, body={"returned_to": ""}),
}

KEEPING: dict[str, Row] = {
    "GET /keeping": right(Right.SEE_KEEPING),
    # Who proposes and agrees is tried with appraisals in tests/central/keeping; here are other people's ids.
    "POST /keeping/propose": roles(
        *RIGHTS[Right.APPRAISE],
        passed=_ABSENT,
        body={"ids": "{factor}", "decision": "erase", "words": "期满"},
    ),
    "POST /keeping/agree": roles(*RIGHTS[Right.AGREE_TO_DISPOSAL], passed=_ABSENT, body={"ids": "{factor}"}),
    "POST /keeping/refuse": roles(*RIGHTS[Right.AGREE_TO_DISPOSAL], passed=_ABSENT, body={"ids": "{factor}"}),
}

CALENDAR: dict[str, Row] = {
    "GET /calendar": signed(),
    # Nothing is entered where these are asked, and nobody of them is of the high court: tests/central/workdays.
    "GET /calendar/moved/{number}": signed(_ABSENT, ids={"number": "1"}),
    "GET /calendar/notice": roles(),
    "POST /calendar/notice": roles(),
    "POST /calendar/notice/check": roles(),
    "POST /calendar/day": roles(),
    "POST /calendar/day/check": roles(),
}

ACCOUNT: dict[str, Row] = {
    "GET /account": signed(),
    "GET /account/password": signed(),
    "POST /account/password": signed(),
    "GET /account/confirm": signed(),
    "POST /account/confirm": signed(body={"password": "wrong"}),
    "POST /account/sessions/{session_id}/end": signed(_ABSENT),
    "POST /account/sessions/end-others": signed(),
    "POST /account/logins": signed(_ABSENT),
    "POST /account/logins/{login_id}/remove": signed(),
    "GET /account/factors": signed(),
    "GET /account/factors/app": signed(),
    "POST /account/factors/app": signed(),
    # None here has a factor yet, and a bare address is no site for passkeys.
    "GET /account/factors/passkey": signed(_ABSENT),
    "POST /account/factors/passkey": signed(_ABSENT),
    "POST /account/factors/recovery": signed(_ABSENT),
    "POST /account/factors/{factor_id}/rename": signed(_ABSENT),
    "POST /account/factors/{factor_id}/remove": signed(_ABSENT),
    "GET /staff": _ADMIN,
    "GET /staff/new": _ADMIN,
    "POST /staff": _ADMIN,
    "GET /staff/{staff_id}": _PERSON,
    "POST /staff/{staff_id}/roles": _PERSON,
    "POST /staff/{staff_id}/close": _PERSON,
    "POST /staff/{staff_id}/open": _PERSON,
    "GET /staff/{staff_id}/grants": _PERSON,
    "POST /staff/{staff_id}/grants": _PERSON,
    "POST /staff/{staff_id}/grants/{grant_id}/revoke": _PERSON,
    "GET /staff/sign-in": roles(Role.COURT_ADMIN, refused=_ABSENT),
    "GET /staff/{staff_id}/sign-in": thing(Role.COURT_ADMIN, below=True, refused=_ABSENT),
    "POST /staff/{staff_id}/sign-in/code": thing(
        Role.COURT_ADMIN, below=True, refused=_ABSENT, body={"reason": "forgotten"}
    ),
    "POST /staff/{staff_id}/sign-in/end": thing(Role.COURT_ADMIN, below=True, refused=_ABSENT),
}

LISTS: dict[str, Row] = {
    "GET /today": signed(),
    "GET /deadlines/rules": signed(),
    "GET /petitions": signed(),
    "POST /petitions/contact": signed(body={"contact": "13900000000"}),
    "GET /search": signed(query="q=供暖"),
    "GET /search/instant": signed(query="q=供暖"),
    "GET /find": signed(_ABSENT, query="q=辽01-2026-009999"),
    "GET /work": signed(),
    "GET /invariants/{number}": right(Right.SEE_INVARIANTS, ids={"number": "4"}),
    "GET /register": roles(Role.REGISTRAR),
    "POST /register": roles(Role.REGISTRAR),
    "GET /access": right(Right.SEE_ACCESS_LOG),
    "GET /api/v1/search": signed(query="q=供暖"),
    "GET /api/v1/categories": signed(),
    f"GET {_API}": signed(),
    f"POST {_API}": roles(Role.REGISTRAR, body=_LETTER),
}

PETITION: dict[str, Row] = {
    f"GET {_P}": petition(),
    f"GET {_P}/print": petition(),
    f"GET {_P}/clocks/{{clock_id}}": petition(),
    f"GET {_P}/clocks/{{clock_id}}/sheet.pdf": petition(),
    f"GET {_P}/draft": petition(),
    f"GET {_P}/looks": petition(),
    f"GET {_P}/litigation": petition(),
    f"POST {_P}/litigation": leading(Act.TO_LITIGATION, body={"procedure": "none_such"}),
    f"GET {_P}/litigation/letter.pdf": petition(),
    f"GET {_P}/litigation/sheet.pdf": petition(),
    f"POST {_P}/printed": petition(),
    f"GET {_P}/reason": petition(asks=False),
    f"POST {_P}/reason": petition(asks=False, body=_WHY),
    f"GET {_P}/keeping": petition(),
    f"POST {_P}/keeping/hold": petition(wanted=Right.HOLD, asks=False, body={"words": "诉讼需要"}),
    f"POST {_P}/keeping/lift": petition(wanted=Right.HOLD, asks=False, body={"words": "已结案"}),
    f"GET {_P}/documents": petition(),
    f"POST {_P}/documents": petition(workers=True, files=True),
    f"GET {_P}/documents/{{document_id}}": petition(),
    f"GET {_P}/documents/{{document_id}}/original": petition(workers=True),
    f"POST {_P}/documents/{{document_id}}/original": petition(workers=True, body=_WHY),
    f"GET {_P}/letters": petition(),
    f"POST {_P}/letters": petition(workers=True, body={"kind": "accepted"}),
    f"GET {_P}/letters/preview.pdf": petition(refused_only=True),
    f"GET {_P}/letters/{{letter_id}}.pdf": petition(),
    f"GET {_P}/letters/{{letter_id}}.sig": petition(),
    f"POST {_P}/draft": act(Act.SAVE_DRAFT, page=True, body={"text": "现答复如下。"}),
    f"GET {_P}/draft/enclosures": petition(),
    f"POST {_P}/draft/enclosures": act(Act.SAVE_DRAFT, page=True),
    f"POST {_P}/draft/keep": act(Act.SAVE_DRAFT, page=False, body={"text": "现答复如下。", "revision": "0"}),
    f"POST {_P}/draft/discard": act(Act.SAVE_DRAFT, page=False),
    f"POST {_P}/draft/here": petition(workers=True),
    f"POST {_P}/draft/remarks": act(Act.SEND_BACK, page=True, body={"place": "text", "words": "请核实"}),
    f"GET {_P}/draft/versions": petition(),
    f"GET {_A}": petition(),
    f"GET {_A}/events": petition(),
    f"POST {_A}/receipt": act(Act.REISSUE_CODE, page=False, body=_body(Act.REISSUE_CODE)),
    f"GET {_A}/category": petition(),
    f"POST {_A}/category": petition(wanted=Right.SORT, body={"category": "050203"}),
    f"GET {_A}/documents": petition(),
    f"POST {_A}/documents": petition(workers=True, files=True),
    f"GET {_A}/documents/{{document_id}}": petition(),
    f"GET {_A}/documents/{{document_id}}/original": petition(workers=True),
}

#: One route, and as many rows as there are acts.
ACTS: dict[str, Row] = {
    f"POST {_P}/acts/{one}": act(one, page=True, body=_body(one)) for one in acts.WAYS if one not in OWN_PAGE
} | {
    f"POST {_A}/acts {one}": act(one, page=False, body={"act": one, "fields": _body(one)})
    for one in map(Act, schemas.ACTS)
}
COVERED_BY_ACTS = {f"POST {_P}/acts/{{act}}", f"POST {_A}/acts"}

_S = f"{_P}/supervision"
_ORDER = {"reason": "overdue", "words": "请说明原因", "period": "working_5"}
SUPERVISION: dict[str, Row] = {
    "GET /supervision": right(Right.SEE_SUPERVISION),
    "GET /supervision/new": right(Right.SUPERVISE),
    "POST /supervision": right(Right.SUPERVISE, body=_ORDER | {"numbers": "辽01-2026-009999"}),
    f"GET {_S}": petition(),
    # Leaders do not supervise what they answer for themselves.
    f"POST {_S}": order(judges=True, shown=True, body=_ORDER),
    f"GET {_S}/{{order_id}}": petition(),
    f"POST {_S}/{{order_id}}/answer": order(
        judges=False, body={"round": "1", "explanation": "说明", "measures": "措施"}
    ),
    f"POST {_S}/{{order_id}}/judge": order(judges=True, shown=True, body={"round": "1", "accepted": "true"}),
    f"POST {_S}/{{order_id}}/escalate": order(
        judges=True, shown=True, body={"words": "提请", "period": "working_5"}
    ),
    f"POST {_S}/{{order_id}}/withdraw": order(judges=True, body={"words": "撤回"}),
}

_RECEPTION = RIGHTS[Right.SEE_RECEPTION]
_PLANNING = RIGHTS[Right.PLAN_RECEPTION]
_RECORDING = RIGHTS[Right.RECORD_RECEPTION]
_SAID = {"asked": "尽快", "said": "本月答复", "subject": "新件"}
RECEPTION: dict[str, Row] = {
    "GET /receptions": public(),
    "GET /reception": right(Right.SEE_RECEPTION),
    "GET /reception/promises": right(Right.SEE_RECEPTION),
    "GET /reception/leaders": right(Right.SEE_RECEPTION),
    "GET /reception/new": right(Right.PLAN_RECEPTION),
    "POST /reception": right(Right.PLAN_RECEPTION),
    "GET /reception/{day_id}": day(*_RECEPTION, own=False),
    "POST /reception/{day_id}/publish": day(*_PLANNING),
    "POST /reception/{day_id}/call-off": day(*_PLANNING),
    "POST /reception/{day_id}/held": day(*_RECORDING),
    "POST /reception/{day_id}/bookings": day(*_APPOINTING, body={"slot": "1"}),
    "POST /reception/bookings/{booking_id}/{act}": day(*_APPOINTING, ids={"act": "cancel"}),
    "GET /reception/{day_id}/record": day(*_RECORDING),
    "POST /reception/{day_id}/record": day(*_RECORDING, body=_SAID),
    f"GET {_P}/reception": petition(),
    f"POST {_P}/reception/promises": petition(
        wanted=Right.RECORD_RECEPTION,
        body={"words": "本月答复"},
    ),
    f"POST {_P}/reception/promises/{{promise_id}}": petition(
        wanted=Right.RECORD_RECEPTION, body={"kept": "x"}
    ),
}

_PACKAGE = f"{_P}/package"
OWN_CASES: dict[str, Row] = {
    "GET /packages": right(Right.SEE_SUPERVISION),
    f"GET {_PACKAGE}": petition(),
    f"POST {_PACKAGE}": petition(wanted=Right.PACKAGE, home=True, body={"plan": "x"}),
    # Who deals with what petitioners send is tried in tests/central/asks; here there is none.
    "GET /asks": right(Right.SEE_ASKS),
    f"GET {_P}/asks/{{ask_id}}": signed(_ABSENT),
    f"POST {_P}/asks/{{ask_id}}/seen": signed(_ABSENT),
    f"POST {_P}/asks/{{ask_id}}/answer": signed(_ABSENT),
    # Who works on a package is tried in tests/central/packaged; here there is none.
    **{
        f"POST {_PACKAGE}/{{package_id}}{rest}": signed(_ABSENT)
        for rest in ("/steps", "/steps/{step_id}", "/visits", "/close")
    },
    "GET /mailmerge": right(Right.MERGE_LETTERS),
    "GET /mailmerge/new": right(Right.MERGE_LETTERS),
    "POST /mailmerge/new": right(Right.MERGE_LETTERS),
    "POST /mailmerge": right(Right.MERGE_LETTERS),
    # Who wants what done is tried in tests/central/mailmerge; here there is none.
    "GET /mailmerge/{merge_id}": signed(_ABSENT),
    "POST /mailmerge/{merge_id}/acts": signed(_ABSENT, body={"act": "approve"}),
    "POST /mailmerge/{merge_id}/stop": signed(_ABSENT),
    "POST /mailmerge/{merge_id}/go-on": signed(_ABSENT),
    "POST /mailmerge/{merge_id}/end": signed(_ABSENT),
    "GET /batches": right(Right.SEE_SUPERVISION),
    "GET /batches/new": right(Right.ASSIGN_BATCH),
    "POST /batches": right(
        Right.ASSIGN_BATCH, body={"numbers": "辽0102-2026-009999", "words": "请报告", "period": "x"}
    ),
    # Who reports and judges is tried in tests/central/batches; here there is none.
    "GET /batches/{batch_id}": signed(_ABSENT),
    "POST /batches/{batch_id}/close": signed(_ABSENT),
    "GET /batches/{batch_id}/items/{item_id}": signed(_ABSENT),
    "POST /batches/{batch_id}/items/{item_id}/report": signed(_ABSENT),
    "POST /batches/{batch_id}/items/{item_id}/judge": signed(_ABSENT),
    "GET /assist": roles(Role.REGISTRAR),
    "POST /assist": roles(Role.REGISTRAR),
    # The sheet of one's own is tried in tests/central/submitting; here there is none.
    "GET /assist/{sheet_id}": roles(Role.REGISTRAR, passed=_ABSENT),
    "GET /assist/{sheet_id}/side": roles(Role.REGISTRAR, passed=_ABSENT),
    "POST /assist/{sheet_id}": roles(Role.REGISTRAR, passed=_ABSENT),
    "GET /instructions": signed(),
    "GET /instructions/new": right(Right.INSTRUCT),
    "POST /instructions": right(
        Right.INSTRUCT, body={"words": "请办理", "people": "{factor}", "period": "x"}
    ),
    # An instruction is its leader's and its addressees'; here are other people's ids.
    "GET /instructions/{instruction_id}": signed(_ABSENT),
    **{
        f"POST /instructions/{{instruction_id}}/{act}": signed(_ABSENT)
        for act in ("acknowledge", "report", "withdraw")
    },
}

_WORDS = {"sort": "phrase", "title": "收悉", "words": "来信收悉。"}
WORDING: dict[str, Row] = {
    "GET /approvals": signed(),
    "GET /approvals/new": right(Right.KEEP_CHAINS),
    "POST /approvals": right(Right.KEEP_CHAINS, body={"steps": "leader"}),
    "POST /approvals/end": roles(*RIGHTS[Right.KEEP_CHAINS], passed=_ABSENT, body={"kind": "class6"}),
    "GET /account/stand-ins": right(Right.NAME_STAND_IN),
    "POST /account/stand-ins": right(Right.NAME_STAND_IN, body={"person": "x"}),
    # Somebody else's, or none.
    "POST /account/stand-ins/{stand_in_id}/end": signed(_ABSENT),
    "GET /wording": signed(),
    "GET /wording/new": right(Right.KEEP_WORDING),
    "POST /wording": right(Right.KEEP_WORDING, body=_WORDS),
    "POST /wording/hide": right(Right.KEEP_WORDING, body={"key": "review"}),
    # Nothing of their own yet.
    "POST /wording/take-back": roles(*RIGHTS[Right.KEEP_WORDING], passed=_ABSENT, body={"key": "review"}),
}

HALL: dict[str, Row] = {
    "GET /hall": right(Right.SEE_HALL),
    "GET /hall/boxes": right(Right.SEE_HALL),
    "GET /hall/boxes/settings": right(Right.SEE_HALL),
    # An admin of the high court alone.
    "POST /hall/boxes/settings": roles(),
    "POST /hall/boxes/settings/{edition_id}/stop": roles(),
    "POST /hall/boxes/settings/{edition_id}/go-on": roles(),
    "POST /hall/boxes/groups": roles(),
    "POST /hall/boxes/groups/move": roles(),
    "GET /hall/boxes/{box_id}": thing(*RIGHTS[Right.SEE_HALL], below=True),
    "POST /hall/boxes/{box_id}/drill": thing(*RIGHTS[Right.ORDER_DRILL], below=True, body={"minutes": "30"}),
    "POST /hall/boxes/{box_id}/log": thing(Role.COURT_ADMIN, below=True, body={"lines": "200"}),
    "GET /hall/boxes/{box_id}/log": roles(
        Role.COURT_ADMIN, passed=_ABSENT
    ),  # nobody asked the box of that place
    # Notifications on devices are off where these are asked.
    "POST /hall/push": roles(*RIGHTS[Right.SEE_HALL], passed=_ABSENT),
    "POST /hall/push/{device_id}/end": roles(*RIGHTS[Right.SEE_HALL], passed=_ABSENT),
    "GET /hall/receipts": right(Right.SEE_HALL),
    "GET /hall/events": right(Right.SEE_HALL, refused_only=True),  # test_stream.py reads what it tells
    "POST /hall/calls/{call_id}/acknowledge": thing(*_ANSWERING),
    "POST /hall/calls/{call_id}/arrive": thing(*_ANSWERING),
    "POST /hall/calls/{call_id}/close": thing(*_ANSWERING, body={"note": "已扶到休息处"}),
    "POST /hall/tray/{refused_id}/treat": thing(*_ANSWERING, body={"note": "已核对"}),
    "POST /hall/pages/{batch_id}/again": roles(*_ANSWERING, passed=_ABSENT),
    "POST /hall/pages/{batch_id}/treat": roles(*_ANSWERING, passed=_ABSENT, body={"note": "已重扫"}),
    "POST /hall/appointments": right(Right.MANAGE_APPOINTMENTS),
    "POST /hall/appointments/{appointment_id}/revoke": thing(*_APPOINTING),
}

LEDGERS: dict[str, Row] = {
    "GET /scans": roles(Role.REGISTRAR),
    "POST /scans": roles(Role.REGISTRAR),
    "GET /scans/{scan_id}": roles(Role.REGISTRAR, passed=_ABSENT),
    "POST /scans/{scan_id}": roles(Role.REGISTRAR, passed=_ABSENT),
    "GET /scans/{scan_id}/pages/{number}": roles(Role.REGISTRAR, passed=_ABSENT, ids={"number": "1"}),
    "GET /scans/{scan_id}/letters/{number}": roles(Role.REGISTRAR, passed=_ABSENT, ids={"number": "1"}),
    "POST /scans/{scan_id}/letters/{number}/attach": roles(
        Role.REGISTRAR, passed=_ABSENT, ids={"number": "1"}
    ),
    "POST /scans/{scan_id}/letters/{number}": roles(Role.REGISTRAR, passed=_ABSENT, ids={"number": "1"}),
    "GET /intake/ledgers": roles(*_LEDGERS),
    "POST /intake/ledgers": roles(*_LEDGERS),
    "GET /intake/ledgers/{import_id}": thing(*_LEDGERS),
    "POST /intake/ledgers/{import_id}": thing(*_LEDGERS),
    "POST /intake/ledgers/{import_id}/steer": thing(*_LEDGERS),
    "POST /intake/ledgers/{import_id}/doubles": thing(*_LEDGERS),
    "GET /intake/ledgers/{import_id}/report": thing(*_LEDGERS),
    "GET /intake/ledgers/{import_id}/correct": thing(*_LEDGERS),
}

ROWS: dict[str, Row] = (
    PUBLIC
    | ACCOUNT
    | NOTICES
    | DELIVERIES
    | CUSTODY
    | OBLIGATIONS
    | EXPORTS
    | KEEPING
    | CALENDAR
    | LISTS
    | PETITION
    | SUPERVISION
    | RECEPTION
    | OWN_CASES
    | WORDING
    | HALL
    | LEDGERS
)
