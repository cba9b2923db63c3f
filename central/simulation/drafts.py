"""Drafts of a planned petition as rows: reply, answers to the demands, and each version that a save or a submission keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from central.intake.blanks import Row, new_row
from central.petitions.models import Demand
from central.replies import versions, wholeness
from central.replies.models import DraftVersion, Reply, ReplyItem
from central.replies.versions import Answered, Content
from central.simulation.deeds import Values
from central.simulation.effects import Effect


class Asked(NamedTuple):
    """A demand: its row, and how it reads by now. Rows hold what they began with until the tale is told."""

    row: Row
    text: str


class Drafts:
    """The drafts of one petition while it is told."""

    def __init__(self, petition_id: UUID) -> None:
        self.petition_id = petition_id
        #: What the present reply will be once the acts told so far are done: opening, answers by demand, status.
        self.round, self.text = 0, ""
        self.answers: dict[UUID, Row] = {}
        self._status = ""
        self._reply: Row = {}
        self._items: dict[UUID, Row] = {}
        self._version: Row | None = None

    def save(self, values: Values, demands: Sequence[Asked], *, by: UUID, at: datetime) -> Effect:
        """Return what saving a draft writes."""
        found, self.text = Effect(), values["text"]
        if not self._reply or self._status == "issued":
            self.round += 1
            self._status, self._items, self.answers, self._version = "draft", {}, {}, None
            self._reply = new_row(
                Reply, petition_id=self.petition_id, round=self.round, text=self.text, drafted_by=by
            )
            found.rows.append((Reply, self._reply))
        else:
            self.judge(found, status="draft", drafted_by=by, text=self.text)
        ids = {each.row["number"]: each.row["id"] for each in demands}
        for item in values["items"]:
            self._answer(found, ids[item["demand_id"]], item)
        for each in demands:
            answer = self.answers.get(each.row["id"], {})
            whole = all(answer.get(part) for part in wholeness.PARTS)
            found.updates.append((Demand, each.row, {"answered": whole}))
        kept = self._keep(found, demands, by, at)
        found.facts = {"round": self.round, "version": kept["number"]}
        return found

    def submit(self, demands: Sequence[Asked], *, by: UUID, at: datetime) -> Effect:
        """Return what sending the draft to the leader writes: the version that stands is marked."""
        found = self.judge(Effect(), status="submitted")
        kept = self._keep(found, demands, by, at)
        found.updates.append((DraftVersion, kept, {"submitted_at": at}))
        found.facts = {"version": kept["number"]}
        return found

    def judge(self, found: Effect, *, status: str, **columns: object) -> Effect:
        """Add what an act sets in the reply."""
        if self._reply:
            self._status = status
            found.updates.append((Reply, self._reply, {"status": status, **columns}))
        return found

    def _answer(self, found: Effect, demand_id: UUID, item: Row) -> None:
        columns = {
            "outcome": item["outcome"],
            "facts": item["facts"].strip(),
            "basis": item["basis"].strip(),
        }
        self.answers[demand_id] = columns
        if (known := self._items.get(demand_id)) is not None:
            found.updates.append((ReplyItem, known, columns))
            return
        row = new_row(
            ReplyItem,
            reply_id=self._reply["id"],
            petition_id=self.petition_id,
            demand_id=demand_id,
            **columns,
        )
        self._items[demand_id] = row
        found.rows.append((ReplyItem, row))

    def _keep(self, found: Effect, demands: Sequence[Asked], by: UUID, at: datetime) -> Row:
        """Return the version that holds the draft as it stands, a new one if it changed."""
        text = versions.packed(
            Content(
                self.text,
                {each.row["id"]: _answered(each, self.answers.get(each.row["id"], {})) for each in demands},
            )
        )
        newest = self._version
        if newest is not None and newest["content"] == text:
            return newest
        self._version = row = new_row(
            DraftVersion,
            petition_id=self.petition_id,
            reply_id=self._reply["id"],
            number=newest["number"] + 1 if newest else 1,
            at=at,
            by=by,
            content=text,
        )
        found.rows.append((DraftVersion, row))
        return row


def _answered(demand: Asked, answer: Mapping[str, str]) -> Answered:
    parts = {part: answer.get(part) or "" for part in wholeness.PARTS}
    return Answered(demand.row["number"], demand.text, **parts)
