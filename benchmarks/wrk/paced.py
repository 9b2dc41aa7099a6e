"""Sends rows at a fixed rate and prints how long answers took, counted from when each request was due.

Usage: paced.py PORT ROWS SERVICES COLUMNS FIRST RATE SECONDS CONNECTIONS, the rate in requests per second; 0 sends each
request after the answer to the last. wrk has no rate, and waits for answers before it sends again: what a slow answer
delays is not counted as late by it, and is here. Prints a JSON line.
"""

import json
import random
import select
import socket
import sys
import time

# What a request or a connection may take, in seconds.
PATIENCE = 20


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer, self.size, self.due = b"", None, 0.0

    def take(self):
        """Takes what came of an answer; its status once it is whole, else nothing."""
        part = self.socket.recv(1 << 18)
        if not part:
            sys.exit("paced: the server closed a connection")
        self.answer += part
        if self.size is None:
            head = self.answer.find(b"\r\n\r\n")
            if head < 0:
                return None
            fields = self.answer[:head].lower().split(b"\r\n")
            length = [line for line in fields if line.startswith(b"content-length:")]
            if not length:
                sys.exit("paced: an answer without content-length")
            self.size = head + 4 + int(length[0].split(b":")[1])
        if len(self.answer) < self.size:
            return None
        status = int(self.answer[9:12])
        self.answer, self.size = b"", None
        return status


class Requests:
    """What rows.lua sends."""

    def __init__(self, rows, services, columns, first):
        chance = random.Random(7)
        self.rows, self.groups, self.first = rows, services // rows, first
        self.texts = [",".join(f"{chance.uniform(-1, 1):.15g}" for _ in range(columns))
                      for _ in range(64)]

    def __call__(self, number):
        group, time = number % self.groups, self.first + number // self.groups * 60
        texts, start = self.texts, group * self.rows
        body = '{"rows":[%s]}' % ",".join(
            f'{{"service":"service-{start + index:04}","time":{time},'
            f'"values":[{texts[(number + index) % 64]}]}}' for index in range(self.rows))
        return (f"POST /v1/rows HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n{body}").encode()


def run(port, request, rate, seconds, count):
    connections = {}
    poll = select.epoll()
    for _ in range(count):
        connection = Connection(port)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    idle = list(connections.values())
    total = int(rate * seconds) if rate else sys.maxsize
    sent, done, errors, late = 0, 0, 0, []
    begin = heard = time.perf_counter()
    while done < total:
        now = time.perf_counter()
        if not rate and now - begin >= seconds:
            total = sent
        while idle and sent < total and (not rate or begin + sent / rate <= now):
            connection = idle.pop()
            connection.due = begin + sent / rate if rate else time.perf_counter()
            connection.socket.sendall(request(sent))
            sent += 1
            now = time.perf_counter()
        # A wait would be a millisecond at least, which is longer than requests are apart.
        for file, _ in poll.poll(0 if rate else 0.1):
            connection = connections[file]
            status = connection.take()
            if status is None:
                continue
            heard = time.perf_counter()
            late.append(heard - connection.due)
            errors += status != 200
            done += 1
            idle.append(connection)
        if now - heard > PATIENCE:
            sys.exit(f"paced: no answer for {PATIENCE} s")
        if rate and now - begin > 2 * seconds + PATIENCE:
            sys.exit(f"paced: the server does not keep up with {rate:.0f} requests per second")
    late.sort()
    return {"requests": done, "microseconds": int(1e6 * (time.perf_counter() - begin)),
            "status": errors, "p50": int(1e6 * late[len(late) // 2]),
            "p99": int(1e6 * late[len(late) * 99 // 100])}


def main():
    port, rows, services, columns, first = map(int, sys.argv[1:6])
    rate, seconds, count = float(sys.argv[6]), float(sys.argv[7]), int(sys.argv[8])
    requests = Requests(rows, services, columns, first)
    print(json.dumps(run(port, requests, rate, seconds, count)))


main()
