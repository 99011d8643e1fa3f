"""Requests signed by botocore, for runtime/tests/data/sigv4.json: `python3 tests/tools/sigv4_vectors.py > runtime/tests/data/sigv4.json`.

Needs `pip install botocore`. The tests need neither: they read the file."""

import base64
import datetime
import hashlib
import json
import random
import string

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 3, 14, 15, 9, 26, tzinfo=datetime.timezone.utc)
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"]
PATHS = ["/openai/v1/responses", "/openai/v1/chat/completions", "/openai/v1/files/a%20b/content", "/openai/v1/models/us.openai.gpt%3A0", "/x/y.z~w-v_u"]
METHODS = ["GET", "POST", "POST", "DELETE", "PUT"]


def word(rng, letters=string.ascii_letters + string.digits + "-_.~", most=16):
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, most)))


def query(rng):
    pairs = [(word(rng), rng.choice(["", word(rng), "a%20b", "%C3%BC", "x%2Fy"])) for _ in range(rng.randint(0, 4))]
    return "&".join(f"{name}={value}" for name, value in pairs)


def headers(rng):
    found = {"accept": "application/json", "content-type": "application/json"}
    for _ in range(rng.randint(0, 5)):
        found["x-" + word(rng, string.ascii_lowercase, 10)] = rng.choice([word(rng), "two  spaces", " around ", "a, b"])
    for name in ["user-agent", "expect", "x-amzn-trace-id", "connection", "te", "upgrade", "traceparent", "baggage"]:
        if rng.random() < 0.4:
            found[name] = word(rng)
    return found


def body(rng, method):
    if method in ("GET", "DELETE"):
        return b""
    return rng.choice([b"", json.dumps({"model": word(rng), "input": "grüße"}).encode(), bytes(rng.randrange(256) for _ in range(rng.randint(1, 400)))])


def vector(rng, number):
    service = rng.choice(["bedrock", "bedrock-mantle"])
    region = rng.choice(REGIONS)
    method = rng.choice(METHODS)
    host = f"{service}.{region}.example{rng.choice(['', ':8443'])}"
    pairs = query(rng)
    url = f"https://{host}{rng.choice(PATHS)}{'?' + pairs if pairs else ''}"
    given, content = headers(rng), body(rng, method)
    token = word(rng, string.ascii_letters + string.digits + "+/=", 60) if rng.random() < 0.5 else None
    keys = Credentials("AKID" + word(rng, string.ascii_uppercase, 12), "".join(rng.choice(string.ascii_letters + "+/") for _ in range(40)), token)
    request = AWSRequest(method=method, url=url, data=content, headers=dict(given))
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(content).hexdigest()
    botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    return {
        "name": f"random_{number}",
        "service": service,
        "region": region,
        "access_key_id": keys.access_key,
        "secret_access_key": keys.secret_key,
        "session_token": token,
        "method": method,
        "url": url,
        "headers": given,
        "body": base64.b64encode(content).decode(),
        "authorization": request.headers["Authorization"],
    }


def main():
    botocore.auth.get_current_datetime = lambda *_, **__: NOW.replace(tzinfo=None)
    rng = random.Random(4)
    vectors = [vector(rng, number) for number in range(50)]
    source = f"botocore {botocore.__version__}, SigV4Auth, by tests/tools/sigv4_vectors.py"
    print(json.dumps({"source": source, "now_unix": int(NOW.timestamp()), "vectors": vectors}, indent=1))


if __name__ == "__main__":
    main()
