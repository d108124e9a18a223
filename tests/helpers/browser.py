"""A headless Chromium, driven through chromedriver's protocol with the standard library."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

KEYS = {
    "left": "\ue012",
    "up": "\ue013",
    "right": "\ue014",
    "down": "\ue015",
    "home": "\ue011",
    "end": "\ue010",
    "tab": "\ue004",
    "enter": "\ue007",
    "escape": "\ue00c",
}


def missing():
    """The programs that must be installed to run a browser; None if all are installed."""
    for name in ("chromedriver", "chromium"):
        if not shutil.which(name):
            return f"{name} is not installed (Debian: chromium, chromium-driver)"
    return None


class Browser:
    """A session of the browser; `close` ends it and its driver."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._driver = subprocess.Popen(
            [shutil.which("chromedriver"), f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._root = f"http://127.0.0.1:{port}/session"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        try:
            started = self._call("", {"capabilities": {"alwaysMatch": wanted}}, tries=600)
        except BaseException:
            self._driver.kill()
            raise
        self._root += "/" + started["sessionId"]

    def _call(self, path, data=None, method="POST", tries=1):
        body = None if method != "POST" else json.dumps(data or {}).encode()
        request = urllib.request.Request(self._root + path, body, method=method)
        request.add_header("Content-Type", "application/json")
        for left in range(tries - 1, -1, -1):
            try:
                with self._opener.open(request, timeout=600) as answer:
                    return json.load(answer)["value"]
            except urllib.error.HTTPError as error:
                raise RuntimeError(json.load(error)["value"]["message"]) from None
            except urllib.error.URLError:
                if not left:
                    raise
                time.sleep(0.1)

    def open(self, url):
        self._call("/url", {"url": "about:blank"})
        self._call("/url", {"url": url})

    def js(self, script, *args):
        return self._call("/execute/sync", {"script": script, "args": list(args)})

    def press(self, *keys):
        """Press keys one after the other: names of `KEYS`, or letters."""
        actions = [
            {"type": kind, "value": KEYS.get(key, key)}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        self._call("/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def click(self, x, y):
        moves = [
            {"type": "pointerMove", "x": int(x), "y": int(y), "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._call("/actions", {"actions": [{"type": "pointer", "id": "p", "actions": moves}]})

    def drag(self, start, end):
        moves = [
            {"type": "pointerMove", "x": int(start[0]), "y": int(start[1]), "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": int(end[0]), "y": int(end[1]), "duration": 200},
            {"type": "pointerUp", "button": 0},
        ]
        self._call("/actions", {"actions": [{"type": "pointer", "id": "p", "actions": moves}]})

    def wheel(self, x, y, down):
        turn = {"type": "scroll", "x": int(x), "y": int(y), "deltaX": 0, "deltaY": down}
        self._call("/actions", {"actions": [{"type": "wheel", "id": "w", "actions": [turn]}]})

    def devtools(self, command, **params):
        return self._call("/goog/cdp/execute", {"cmd": command, "params": params})

    def size(self, width, height):
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def dark(self, on):
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[feature])

    def complaints(self):
        """The console's messages since the last call."""
        return [entry["message"] for entry in self._call("/se/log", {"type": "browser"})]

    def picture(self, path):
        path.write_bytes(base64.b64decode(self._call("/screenshot", method="GET")))

    def close(self):
        try:
            self._call("", method="DELETE")
        finally:
            self._driver.terminate()
            self._driver.wait(timeout=60)
