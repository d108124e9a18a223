"""A server on this machine with the part of the Hugging Face hub's API that hf:// URLs need.

It holds repositories of models and of data sets in memory. The paths and the fields are those that
huggingface_hub sends and reads: the information of a repository, its files, their content with an
ETag, and commits, whose large files are uploaded before.
"""

import base64
import contextlib
import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from helpers import waiting

LARGE = ".safetensors"  # files with this suffix are uploaded before the commit


class Repository:
    """The files of a repository, {name: bytes}, and the names that each commit changed."""

    def __init__(self):
        self.files, self.commits = {}, []

    @property
    def sha(self):
        return f"{len(self.commits):040x}"


class Hub(ThreadingHTTPServer):
    """The server.

    Attributes
    ----------
    repositories : dict
        {"user/name" or "datasets/user/name": Repository}; others are unknown.
    requests : list of str
        Method and path of each request.
    token : str
        Requests without it are refused.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories, self.requests, self.uploads = {}, [], {}
        self.token = "secret"
        self.refuses = False  # whether commits are refused

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def running():
    """A hub that answers until the block ends."""
    hub = Hub()
    thread = waiting.start(hub.serve_forever)
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        waiting.join(thread)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Print nothing."""

    def respond(self):
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("/upload/"):  # the address is the permission
            self.server.uploads[path.removeprefix("/upload/")] = body
            return self.answer(200, {})
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self.answer(401, {"error": "Invalid credentials"}, {"X-Error-Code": "none"})
        if path == "/api/validate-yaml":
            return self.answer(200, {"errors": [], "warnings": []})
        parts = path.strip("/").split("/")
        if parts[0] == "api" and parts[1] in ("models", "datasets") and len(parts) >= 4:
            prefix = [] if parts[1] == "models" else parts[1:2]
            return self.api("/".join(prefix + parts[2:4]), parts[4:], body)
        if "resolve" in parts[2:4]:
            at = parts.index("resolve")
            return self.content("/".join(parts[:at]), "/".join(parts[at + 2 :]))
        if parts[1:2] and parts[1].endswith(".git") and parts[-1] == "batch":
            return self.batch(json.loads(body))
        return self.answer(404, {"error": f"unknown path {path}"})

    do_GET = do_HEAD = do_POST = do_PUT = respond

    def repository(self, name):
        found = self.server.repositories.get(name)
        if found is None:
            headers = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            self.answer(404, {"error": "Repository not found"}, headers)
        return found

    def api(self, name, parts, body):
        """/api/models/user/name/…"""
        found = self.repository(name)
        if found is None:
            return None
        kind = parts[0] if parts else "revision"
        if kind == "revision":
            files = [{"rfilename": path} for path in found.files]
            known = {"_id": "1", "id": name, "modelId": name, "sha": found.sha, "private": False}
            return self.answer(200, {**known, "tags": [], "downloads": 0, "siblings": files})
        if kind == "tree":
            return self.answer(200, self.tree(found, "/".join(parts[2:])))
        if kind == "paths-info":
            asked = json.loads(body)["paths"]
            return self.answer(200, [each for each in self.every(found) if each["path"] in asked])
        if kind == "preupload":
            files = [
                {"path": each["path"], "uploadMode": mode_of(each["path"]), "shouldIgnore": False}
                for each in json.loads(body)["files"]
            ]
            return self.answer(200, {"files": files})
        if kind == "commit":
            return self.commit(name, found, body)
        return self.answer(404, {"error": f"unknown {kind}"})

    def every(self, repository):
        """The entries of all files and folders."""
        folders = {path.rpartition("/")[0] for path in repository.files} - {""}
        for folder in sorted(folders):
            yield {"type": "directory", "path": folder, "oid": "0" * 40}
        for path, data in repository.files.items():
            entry = {"type": "file", "path": path, "size": len(data), "oid": oid(data)}
            if mode_of(path) == "lfs":
                digest = hashlib.sha256(data).hexdigest()
                entry["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 130}
            yield entry

    def tree(self, repository, folder):
        recursive = "recursive=True" in self.path or "recursive=true" in self.path
        start = f"{folder}/" if folder else ""
        return [
            each
            for each in self.every(repository)
            if each["path"].startswith(start)
            and (recursive or "/" not in each["path"].removeprefix(start))
        ]

    def content(self, name, path):
        found = self.repository(name)
        if found is None:
            return None
        if path not in found.files:
            headers = {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
            return self.answer(404, {"error": "Entry not found"}, headers)
        data = found.files[path]
        headers = {"ETag": f'"{oid(data)}"', "X-Repo-Commit": found.sha, "Accept-Ranges": "bytes"}
        asked = self.headers.get("Range")
        if asked is None:
            return self.answer(200, data, headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        stop = min(int(last) + 1 if last else len(data), len(data))
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{len(data)}"
        return self.answer(206, data[int(first) : stop], headers)

    def batch(self, request):
        """Where the large files of a commit are uploaded to."""
        objects = [
            {
                **{key: each[key] for key in ("oid", "size")},
                "actions": {"upload": {"href": f"{self.server.endpoint}/upload/{each['oid']}"}},
            }
            for each in request["objects"]
        ]
        return self.answer(200, {"transfer": "basic", "objects": objects})

    def commit(self, name, found, body):
        if self.server.refuses:
            return self.answer(403, {"error": "Forbidden: you have no write access"})
        files, changed = dict(found.files), []
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header":
                continue
            changed.append(value["path"])
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.server.uploads[value["oid"]]
            else:
                assert entry["key"] == "deletedFile"
                del files[value["path"]]
        found.files = files
        found.commits.append(sorted(changed))
        url = f"{self.server.endpoint}/{name}/commit/{found.sha}"
        return self.answer(
            200, {"success": True, "commitOid": found.sha, "commitUrl": url, "hookOutput": ""}
        )

    def answer(self, status, content, headers=None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        kind = "application/octet-stream" if isinstance(content, bytes) else "application/json"
        all_headers = {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}
        for name, value in all_headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def mode_of(path):
    return "lfs" if path.endswith(LARGE) else "regular"


def oid(data):
    return hashlib.sha1(data).hexdigest()
