"""A headless Chromium, driven through chromedriver's protocol with the standard library."""

import base64
import json
import queue
import re
import shutil
import subprocess
import urllib.error
import urllib.request

from helpers import waiting

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
        self._driver = subprocess.Popen(
            [shutil.which("chromedriver"), "--port=0"],  # it chooses a free port
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        try:
            self._root = f"http://127.0.0.1:{self._port()}/session"
            started = self._call("", {"capabilities": {"alwaysMatch": wanted}})
        except BaseException:
            self._driver.kill()
            raise
        self._root += "/" + started["sessionId"]

    def _port(self):
        """The port at which the driver answers, which it prints; a thread reads all it prints."""
        ports = queue.SimpleQueue()

        def read():
            for line in self._driver.stdout:
                if found := re.search(r"started successfully on port (\d+)", line):
                    ports.put(int(found[1]))
            ports.put(None)

        waiting.start(read)
        port = ports.get(timeout=waiting.SECONDS)
        assert port, "chromedriver has ended, or has not printed its port"
        return port

    def _call(self, path, data=None, method="POST"):
        body = None if method != "POST" else json.dumps(data or {}).encode()
        request = urllib.request.Request(self._root + path, body, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=600) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

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
