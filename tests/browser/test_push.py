"""Notifications on devices in a real browser: the panel, what it says without a push service, and the worker that shows a call."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from central.settings import Push
from tests.browser.conftest import Site
from tests.factories.accounts import PASSWORD, staff
from tests.factories.courts import court
from tests.support.browser import PHONE, sound
from tests.support.pushes import push_service
from tests.support.site import application, served

pytestmark = pytest.mark.browser
#: Hands in what the browser would get from its push service, if there were one here.
_STAND_IN = """([given, key]) => {
  const bytes = Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
  const {endpoint, ...keys} = given;
  const made = {endpoint, options: {applicationServerKey: bytes.buffer}, toJSON: () => ({endpoint, keys})};
  let held = null;
  PushManager.prototype.getSubscription = async () => held;
  PushManager.prototype.subscribe = async () => (held = made);
}"""
#: Asks until something is shown: the worker starts in its own time.
_SHOWN = """async () => {
  const worker = await navigator.serviceWorker.getRegistration('/static/push-worker.js');
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    const shown = await worker.getNotifications();
    if (shown.length) return shown.map((one) => [one.title, one.body]);
    await new Promise((again) => setTimeout(again, 50));
  }
  return [];
}"""


def test_a_guard_allows_a_device_and_its_worker_shows_a_call(
    site: Site, open_page: Callable[..., Page]
) -> None:
    with push_service() as browser:
        push = Push(enabled=True, hosts=(browser.host,), contact="mailto:ops@court.example")
        settings = site.context.settings.model_copy(update={"push": push})
        with db.unit_of_work(site.context.engine) as s:
            staff(s, court(s, "辽0102"), Role.HALL_STAFF)
        with served(application(replace(site.context, settings=settings))) as url:
            page = open_page(PHONE)
            page.goto(f"{url}/login?to=/hall")
            page.get_by_label("用户名").fill("hall_staff.ln0102")
            page.get_by_label("密码").fill(PASSWORD)
            page.keyboard.press("Enter")
            panel = page.locator("#push")
            button = panel.get_by_role("button", name="在这台设备上接收")
            expect(button).to_be_visible()
            button.press("Enter")  # nobody allowed notifications in this browser
            expect(panel.get_by_role("status")).to_contain_text("浏览器拒绝了通知")
            page.context.grant_permissions(["notifications"])
            key = page.locator("[data-push-key]").get_attribute("data-push-key")
            page.evaluate(_STAND_IN, [browser.subscription(), key])
            button.press("Enter")
            expect(panel.get_by_role("button", name="停止通知")).to_be_visible()
            expect(panel.get_by_role("status")).to_contain_text("已开启")
            sound(page, "push")
            line = page.context.new_cdp_session(page)
            found: list[str] = []
            line.on(
                "ServiceWorker.workerRegistrationUpdated",
                lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
            )
            line.send("ServiceWorker.enable")
            page.wait_for_function("() => true")
            message = {
                "origin": url,
                "registrationId": found[0],
                "data": '{"title": "大厅求助：3号窗口", "body": "09:00", "tag": "a", "open": "/hall#calls"}',
            }
            shown: list[list[str]] = []
            for _ in range(3):  # a push service repeats as well: a worker may be too slow to start
                line.send("ServiceWorker.deliverPushMessage", message)
                shown = page.evaluate(_SHOWN)
                if shown:
                    break
            assert shown == [["大厅求助：3号窗口", "09:00"]]
            panel.get_by_role("button", name="停止通知").click()
            expect(panel.get_by_text("您还没有在任何设备上开启")).to_be_visible()
