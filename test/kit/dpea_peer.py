"""A dpea peer that knows nothing of our code: both ends of the protocol, written from its description alone.

    dpea_peer.py serve          prints its port, answers each packet of type T with type T + 1 and the payload reversed
    dpea_peer.py ask PORT SIZE...   sends a packet of type 1 for each size and says whether its answers are right
"""

import socket
import struct
import sys


def read(connection, size):
    data = b""
    while len(data) < size:
        chunk = connection.recv(min(65536, size - len(data)))
        if not chunk:
            return None
        data += chunk
    return data


def receive(connection):
    head = read(connection, 8)
    if head is None:
        return None
    kind, size = struct.unpack("<II", head)
    return kind, read(connection, size)


def send(connection, kind, payload):
    connection.sendall(struct.pack("<II", kind, len(payload)) + payload)


def serve():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    while (packet := receive(connection)) is not None:
        send(connection, packet[0] + 1, packet[1][::-1])
    connection.close()


def ask(port, sizes):
    connection = socket.create_connection(("127.0.0.1", port))
    for size in sizes:
        payload = bytes((i * 7 + size) % 256 for i in range(size))
        send(connection, 1, payload)
        if receive(connection) != (2, payload[::-1]):
            print("wrong", size, flush=True)
            return
    connection.shutdown(socket.SHUT_WR)
    print("right" if receive(connection) is None else "more than was asked for", flush=True)


if sys.argv[1] == "serve":
    serve()
else:
    ask(int(sys.argv[2]), [int(size) for size in sys.argv[3:]])
