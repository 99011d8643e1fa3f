"""The official Python client under measurement: the tasks of the harness, with the same numbers."""

import asyncio
import sys
import time
import urllib.request

from openai import AsyncOpenAI, OpenAI

WARM_UP = 50
MESSAGES = [{"role": "developer", "content": "Talk like a pirate."}, {"role": "user", "content": "How do I check a value's type?"}]


def chat(client):
    return client.chat.completions.create(model="gpt-5.2", messages=MESSAGES, temperature=0.2)


def stream(client, kind):
    if kind == "chat":
        return client.chat.completions.create(model="gpt-5.2", messages=MESSAGES, temperature=0.2, stream=True)
    return client.responses.create(model="gpt-5.2", input="How do I check a value's type?", stream=True)


def per_item(cpu, wall, count):
    return f"{(time.process_time() - cpu) * 1e6 / count:.3f} {(time.perf_counter() - wall) * 1e6 / count:.3f}"


def calls(count, server):
    client = OpenAI(api_key="sk-test", base_url=f"http://{server}/plain/v1")
    for _ in range(WARM_UP):
        chat(client)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        assert chat(client).choices[0].message.content
    return per_item(cpu, wall, count)


def resident_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) * 1024


def get(server, path):
    with urllib.request.urlopen(f"http://{server}{path}") as answer:
        return answer.read().decode()


async def held(count, server):
    warm = AsyncOpenAI(api_key="sk-test", base_url=f"http://{server}/plain/v1")
    for _ in range(WARM_UP):
        await chat(warm)
    client = AsyncOpenAI(api_key="sk-test", base_url=f"http://{server}/hold/v1")
    get(server, "/waiting")
    before = resident_bytes()
    tasks = [asyncio.create_task(chat(client)) for _ in range(count)]
    while await asyncio.to_thread(get, server, "/waiting") != str(count):
        await asyncio.sleep(0.05)
    used = resident_bytes() - before
    get(server, "/release")
    for completion in await asyncio.gather(*tasks):
        assert completion.choices[0].message.content
    return f"{used / count:.0f}"


def events(kind, count, server):
    client = OpenAI(api_key="sk-test", base_url=f"http://{server}/events/{count}/v1")
    assert sum(1 for _ in stream(client, kind)) >= count
    cpu, wall = time.process_time(), time.perf_counter()
    return per_item(cpu, wall, sum(1 for _ in stream(client, kind)))


def first(kind, count, server):
    client = OpenAI(api_key="sk-test", base_url=f"http://{server}/first/v1")
    latencies = []
    for number in range(count + WARM_UP):
        start = time.perf_counter()
        answer = stream(client, kind)
        next(iter(answer))
        if number >= WARM_UP:
            latencies.append((time.perf_counter() - start) * 1e6)
        for _ in answer:
            pass
    latencies.sort()
    return f"{latencies[count // 2]:.1f} {latencies[count * 95 // 100]:.1f}"


def main():
    task, count, server = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if task == "calls":
        print(calls(count, server))
    elif task == "held":
        print(asyncio.run(held(count, server)))
    else:
        name, kind = task.split("-")
        print({"events": events, "first": first}[name](kind, count, server))


main()
