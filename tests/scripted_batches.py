"""Files and batches of the scripted server: each batch ends at its second look, its results in reverse order.

A behaviour may also be "expired" (the line comes back as such) or "lost" (it does not come back at all).
``server.ends`` gives the status at the end of each batch in turn: completed, expired, or failed with a code.
"""

import json
import re

from scripted_server import answer_of


def filed(server, method, path, raw):
    """Answer one request about files or batches."""
    path = path.split("?")[0].removeprefix("/v1")
    if method == "POST" and path == "/files":
        return upload(server, raw)
    if path.startswith("/files/"):
        return one_file(server, method, path.split("/")[2], path)
    if method == "POST":
        return start(server, json.loads(raw))
    if path == "/batches":
        told = [shown(batch) for batch in server.batches.values()]
        return 200, {"object": "list", "data": told[::-1], "has_more": False}, {}
    return look(server, path.split("/")[2])


def upload(server, raw):
    boundary = raw.split(b"\r\n", 1)[0]
    part = next(part for part in raw.split(boundary) if b"filename=" in part)
    head, content = part.split(b"\r\n\r\n", 1)
    name = re.search(rb'filename="([^"]+)"', head).group(1).decode()
    file_id = f"file-{len(server.files)}"
    server.files[file_id] = content.removesuffix(b"\r\n")
    return 200, {"id": file_id, "object": "file", "bytes": len(content), "created_at": 0, "filename": name, "purpose": "batch", "status": "processed"}, {}  # fmt: skip


def one_file(server, method, file_id, path):
    if method == "DELETE":
        server.deleted.append(file_id)
        server.files.pop(file_id, None)
        return 200, {"id": file_id, "object": "file", "deleted": True}, {}
    if path.endswith("/content") and file_id in server.files:
        return 200, server.files[file_id], {}
    return 404, {"error": {"message": "no such file", "code": "not_found"}}, {}


def start(server, body):
    batch_id = f"batch-{len(server.batches)}"
    server.batches[batch_id] = {
        "id": batch_id, "object": "batch", "completion_window": "24h", "created_at": 0, "endpoint": body["endpoint"],
        "input_file_id": body["input_file_id"], "status": "validating", "metadata": body.get("metadata"), "looks": 0,
        "output_file_id": None, "error_file_id": None, "errors": None,
    }  # fmt: skip
    return 200, shown(server.batches[batch_id]), {}


def look(server, batch_id):
    batch = server.batches[batch_id]
    batch["looks"] += 1
    if batch["looks"] == 2:
        end(server, batch)
    return 200, shown(batch), {}


def end(server, batch):
    number = int(batch["id"].split("-")[1])
    batch["status"] = server.ends[number] if number < len(getattr(server, "ends", [])) else "completed"
    if ":" in batch["status"]:
        batch["status"], code = batch["status"].split(":")
        batch["errors"] = {"object": "list", "data": [{"code": code, "message": "no", "line": 1, "param": None}]}
        return
    outputs, errors = [], []
    lines = [json.loads(line) for line in server.files[batch["input_file_id"]].splitlines()]
    assert len({line["custom_id"] for line in lines}) == len(lines)
    for line in reversed(lines):
        n = len(server.bodies)
        server.bodies.append(line["body"])
        behaviour = server.script(n, line["body"])
        if behaviour == "lost":
            continue
        if behaviour == "expired":
            errors.append({"id": f"r{n}", "custom_id": line["custom_id"], "response": None, "error": {"code": "batch_expired", "message": "late"}})  # fmt: skip
            continue
        status, told, _ = answer_of(behaviour, line["body"], line["url"])
        if status == 200:
            server.sell(json.dumps(line["body"]).encode())
        response = {"status_code": status, "request_id": f"r{n}", "body": told}
        (outputs if status == 200 else errors).append({"id": f"r{n}", "custom_id": line["custom_id"], "response": response, "error": None})  # fmt: skip
    for name, found in (("output_file_id", outputs), ("error_file_id", errors)):
        if found:
            batch[name] = f"{name}-{batch['id']}"
            server.files[batch[name]] = b"".join(json.dumps(one).encode() + b"\n" for one in found)


def shown(batch):
    return {name: value for name, value in batch.items() if name != "looks"}
