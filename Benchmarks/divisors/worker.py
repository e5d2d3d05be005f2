"""The divisors' Python worker: descriptor 0 is a socket; a frame either way is a count, as many lengths, the bytes."""
import json, socket, struct


def handler(event, context):
    return event


def read_frame(connection, buffer):
    """A frame and the bytes after it. One batch is under way at a time, so that is nothing unless the frame is short."""
    while len(buffer) < 4:
        buffer += receive(connection)
    (count,) = struct.unpack_from("<I", buffer)
    start = 4 + 4 * count
    while len(buffer) < start:
        buffer += receive(connection)
    lengths = struct.unpack_from(f"<{count}I", buffer, 4)
    end = start + sum(lengths)
    while len(buffer) < end:
        buffer += receive(connection)
    return lengths, buffer[start:end], buffer[end:]


def receive(connection):
    data = connection.recv(1 << 18)
    if not data:
        raise SystemExit
    return data


def main():
    connection = socket.socket(fileno=0)
    buffer = b""
    while True:
        lengths, events, buffer = read_frame(connection, buffer)
        answers, at = [], 0
        for length in lengths:
            event = json.loads(events[at : at + length])
            at += length
            answers.append(json.dumps(handler(event, None)).encode())
        head = struct.pack(f"<{len(answers) + 1}I", len(answers), *map(len, answers))
        connection.sendall(head + b"".join(answers))


main()
