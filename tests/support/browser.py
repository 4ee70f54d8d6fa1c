"""A headless Chromium for the tests of the page, and what it saw."""

import json
import shutil
from contextlib import contextmanager

import pytest


def find_browser():
    """Chromium and its driver, or the reason why there are none."""
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no Chromium with its driver here (Debian: apt install chromium chromium-driver)")
    return chromium, driver


@contextmanager
def open_browser(folder):
    """A browser with a profile of its own in `folder`, recording requests and console messages."""
    from selenium import webdriver

    chromium, driver = find_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        f"--user-data-dir={folder}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()


def new_tab(browser, width=1300, height=900):
    """Put an empty tab in the place of those that are open, without what they kept and logged."""
    before = browser.window_handles
    browser.switch_to.new_window("tab")
    tab = browser.current_window_handle
    for other in before:
        browser.switch_to.window(other)
        browser.close()
    browser.switch_to.window(tab)
    browser.set_window_size(width, height)
    kept = {"origin": "file://", "storageTypes": "local_storage"}
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", kept)
    requests_of(browser)
    complaints_of(browser)


def requests_of(browser):
    """The addresses that the page has asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [each["request"]["url"] for each in sent]


def complaints_of(browser):
    """What the page has written to its console since the last call."""
    return [entry["message"] for entry in browser.get_log("browser")]


def nameless_of(browser):
    """What a person without sight would meet without a name, by its role."""
    browser.execute_cdp_cmd("Accessibility.enable", {})
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    wanted = {
        "button",
        "link",
        "slider",
        "combobox",
        "checkbox",
        "spinbutton",
        "dialog",
        "image",
        "region",
    }
    return [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in wanted
        and not node.get("name", {}).get("value", "").strip()
    ]  # fmt: skip


def find(browser, selector):
    found = browser.find_elements("css selector", selector)
    assert found, f"nothing on the page is {selector}"
    return found[0]


def text(browser, selector):
    return find(browser, selector).text


def made(browser):
    """What the details say the image was made with, by name."""
    return browser.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('.made dt')]"
        ".map(t => [t.textContent, [...t.nextSibling.children].map(l => l.textContent)]))"
    )


def wait(browser, script):
    """Wait until JavaScript finds what it looks for, and return it."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 10).until(lambda b: b.execute_script(f"return {script}"))


def press(browser, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*keys).perform()


@contextmanager
def emulate_phone(browser, width=390, height=844):
    """The page as on a phone: its size, its dense screen, fingers in the place of a mouse."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 3, "mobile": True},
    )
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def touch(browser, moments):
    """Fingers that are put down, moved and lifted: for every moment the points that they touch."""

    def send(kind, points):
        browser.execute_cdp_cmd(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)],
            },
        )

    send("touchStart", moments[0])
    for points in moments[1:]:
        send("touchMove", points)
    send("touchEnd", [])
