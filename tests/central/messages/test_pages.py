"""What did not get through stands before the desk, and goes again by a press; the petitioner reads of it too."""

from collections.abc import Callable

from starlette.testclient import TestClient

from central.messages.rules import MessageState
from central.notifications.channels import Refused
from tests.central.messages.conftest import Post


def test_the_desk_sees_what_failed_and_sends_it_again(
    post: Post, client: TestClient, sign_in: Callable[[TestClient, str], str]
) -> None:
    petition = post.register()
    post.sms.fail = [Refused(400)]
    post.run()
    csrf = sign_in(client, "registrar.ln0102")
    page = client.get("/messages").text
    assert petition.number in page
    assert "对方拒收" in page
    (row,) = post.rows()
    shown = client.get(f"/petitions/{petition.id}").text
    assert "给信访人的通知没有送出" in shown
    assert client.post(f"/messages/{row.id}/again", data={"csrf": csrf}).status_code == 303
    assert "没有送不出去的通知" in client.get("/messages").text
    assert client.post(f"/messages/{row.id}/again", data={"csrf": csrf}).status_code == 409
    post.run()
    assert [each.state for each in post.rows()] == [MessageState.SENT]
    assert "通知信访人有新消息" in client.get(f"/petitions/{petition.id}").text
