"""What stands on paper: a visitor's number, a receipt for papers handed in. In both languages, never a name of a visitor."""

from edge_agent.desk import Desk
from edge_agent.ports import Slip
from edge_agent.records import Receipt, Spare, Ticket
from edge_agent.views import clock_time
from shared.clock import court_day
from shared.i18n import Lang


def ticket(desk: Desk, ticket: Ticket) -> Slip:
    """Return the slip of a number."""
    lines = [ticket.label]
    for lang in Lang:
        if ticket.drill:
            lines.append(desk.t("drill.slip", lang))
        lines.append(desk.t(f"kind.{ticket.kind.value}", lang))
        lines.append(desk.t("slip.go", lang))
    lines.append(f"{desk.settings.hall.court_name} {ticket.date} {clock_time(ticket.taken_at)}".strip())
    return Slip(tuple(lines), desk.own_address(ticket.id))


def receipt(desk: Desk, receipt: Receipt) -> Slip:
    """Return the receipt for papers handed in; its code holds the number for a scanner."""
    lines = [receipt.label]
    for lang in Lang:
        title = desk.t("receipt.title", lang)
        lines.append(f"{title} {desk.t('receipt.copy', lang)}" if receipt.copies else title)
        handed = desk.t(f"receipt.handed.{receipt.handed.value}", lang)
        lines.append(desk.t("receipt.got", lang, what=handed, sheets=receipt.sheets))
        lines.append(desk.t("receipt.keep", lang))
    when = f"{receipt.day} {clock_time(receipt.at)}"
    lines.append(f"{desk.settings.hall.court_name} {when} {receipt.counter}-{receipt.by}".strip())
    lines += [desk.t("receipt.stamp", lang) for lang in Lang]
    return Slip(tuple(lines), receipt.label, across=10)


def spare(desk: Desk, spare: Spare) -> Slip:
    """Return the slip of a number printed in advance: what the counter writes on it by hand, for keying in afterwards."""
    lines = [spare.label]
    for lang in Lang:
        lines.append(desk.t("spare.slip", lang))
        lines.append(" ".join(f"□{desk.t(f'kind.{kind.value}', lang)}" for kind in desk.settings.hall.kinds))
        lines.append(desk.t("spare.slip_times", lang))
    lines.append(f"{desk.settings.hall.court_name} {court_day(spare.made_at)}".strip())
    return Slip(tuple(lines), spare.label)
