"""What the petitioner is told of looks: day, court, role, what was done; no name."""

from collections.abc import Callable

from central.petitions.states import State
from tests.central.desk.conftest import Desk
from tests.central.portal.conftest import Receipt, look_up, receipt

__all__ = ["look_up", "receipt"]


def test_the_petitioner_reads_who_looked_by_role_and_court(
    desk: Callable[..., Desk], receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str]
) -> None:
    held = receipt(State.HANDLING)
    path = f"/petitions/{held.petition.id}"
    desk("handler").get(path)
    at = desk("registrar")
    for page in (path, path, f"{path}/print"):
        at.get(page)
    at.client.cookies.clear()
    text = look_up(held).split('id="looks"')[1]
    assert "的承办人打开了您的信访。" in text
    assert text.count("的登记分流人员打开、打印了您的信访。") == 1
    assert "辽0102的registrar" not in text


def test_nobody_looked_yet(receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str]) -> None:
    assert "还没有人打开过" in look_up(receipt())
