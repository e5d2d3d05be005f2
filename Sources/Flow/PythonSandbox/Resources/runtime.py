"""The interpreter's half of the sandbox: an idle zygote, and in each fork of it the loop that runs a handler.

Started as `python -I -S -X utf8 -c SOURCE LIBRARY CONTROL`. Works on CPython 3.8 and later, imports nothing but the standard
library, and reads and writes frames: u32 length of the payload, u8 type, payload, little-endian throughout.

  to the sandbox    1 configure  JSON
                    2 invoke     u32 number, u16 u16 u32 lengths, then invocation id, trace header, client context, event
  from the sandbox  15 isolated  nothing
                    16 ready     nothing
                    17 response  u32 number, JSON
                    18 failed    u32 number, u16 u32 u32 lengths, then type, message, stack trace (lines that end in NUL)
                    19 too large u32 number, u64 size
                    20 init failed, as 18 with number 0

Whatever this file does is advice: the boundary is the kernel, and the executor believes no frame that breaks a rule.
"""

import ctypes
import gc
import importlib
import importlib.util
import io
import json
import linecache
import logging
import os
import site
import struct
import sys
import time
import traceback

CHANNEL = 3
READ_BYTES = 1 << 16
MESSAGE_BYTES = 1 << 15
TRACE_LINES = 100
HEADER = struct.Struct("<IB")
INVOKE = struct.Struct("<IHHI")
FAILED = struct.Struct("<IHII")
TOO_LARGE = struct.Struct("<IQ")
NUMBER = struct.Struct("<I")
CONFIGURE, RUN = 1, 2
ISOLATED, READY, RESPONSE, FUNCTION_ERROR, RESPONSE_TOO_LARGE, INIT_FAILED = 15, 16, 17, 18, 19, 20


class Channel:
    """Frames over a blocking stream socket."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.buffer = b""

    def receive(self):
        """The next frame as (type, payload); ends the process at the end of the stream."""
        buffer = self.buffer
        while len(buffer) < 5:
            buffer += self._read(READ_BYTES)
        length, kind = HEADER.unpack_from(buffer)
        end = 5 + length
        if len(buffer) >= end:
            self.buffer = buffer[end:]
            return kind, buffer[5:end]
        parts = [buffer[5:]]
        missing = end - len(buffer)
        while missing > 0:
            part = self._read(min(missing, 1 << 20))
            parts.append(part)
            missing -= len(part)
        self.buffer = b""
        return kind, b"".join(parts)

    def _read(self, count):
        part = os.read(self.descriptor, count)
        if not part:
            os._exit(0)
        return part

    def send(self, kind, payload):
        data = HEADER.pack(len(payload), kind) + payload
        sent = os.write(self.descriptor, data)
        if sent < len(data):
            view = memoryview(data)
            while sent < len(data):
                sent += os.write(self.descriptor, view[sent:])


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    """`context.client_context` with Lambda's attributes."""

    def __init__(self, document):
        client = document.get("client") or {}
        self.custom = document.get("custom") or {}
        self.env = document.get("env") or {}
        self.client = type("ClientDetails", (), {})()
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self.client, name, client.get(name))


class Context:
    """The second argument of a handler."""

    def __init__(self, function, invocation_id, client_context, deadline):
        self.function_name = function["functionName"]
        self.function_version = function["functionVersion"]
        self.invoked_function_arn = function["functionIdentifier"]
        self.memory_limit_in_mb = str(function["memoryMebibytes"])
        self.log_group_name = function["logGroupName"]
        self.log_stream_name = function["logStreamName"]
        self.aws_request_id = invocation_id
        self.identity = Identity()
        self.client_context = client_context
        self._deadline = deadline

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def __repr__(self):
        return "LambdaContext([aws_request_id=%s,function_name=%s])" % (self.aws_request_id, self.function_name)


class InvocationFilter(logging.Filter):
    invocation_id = ""

    def filter(self, record):
        record.aws_request_id = InvocationFilter.invocation_id
        return True


class Failure(Exception):
    """An error of the function's with the type, message and frames to report."""

    def __init__(self, kind, message, lines=()):
        super().__init__(message)
        self.kind, self.message, self.lines = kind, message, list(lines)

    def payload(self, number):
        kind = _encode(self.kind, 1024)
        message = _encode(self.message, MESSAGE_BYTES)
        trace = b"".join(_encode(line.replace("\0", ""), 2048) + b"\0" for line in self.lines[:TRACE_LINES])
        return FAILED.pack(number, len(kind), len(message), len(trace)) + kind + message + trace

    def log(self):
        try:
            print("[ERROR] %s: %s" % (self.kind, self.message[:MESSAGE_BYTES]), file=sys.stderr)
            if self.lines:
                print("Traceback (most recent call last):\n" + "".join(self.lines).rstrip("\n"), file=sys.stderr)
        except BaseException:
            pass


def _encode(text, limit):
    return text.encode("utf-8", "backslashreplace")[:limit]


def _describe(error):
    """What the function raised, without the frames of this file."""
    try:
        message = str(error)
    except Exception:
        message = "<no text: %s raised by __str__>" % type(sys.exc_info()[1]).__name__
    try:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__, limit=4 * TRACE_LINES)
                  if frame.filename != "<string>" and not frame.filename.startswith("<frozen importlib")]
        lines = traceback.format_list(frames[:TRACE_LINES])
    except Exception:
        lines = []
    return Failure(type(error).__name__, message, lines)


# ---- one sandbox ----


def _load(handler):
    """Imports the module and returns the handler. Raises Failure."""
    path, _, name = handler.rpartition(".")
    if not path or not name:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': it must be module.function" % handler)
    module_name = path.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        described = _describe(error)
        raise Failure(
            "Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, described.message),
            described.lines) from None
    except SyntaxError as error:
        line = "  File \"%s\", line %s\n    %s\n" % (error.filename, error.lineno, (error.text or "").strip())
        raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), [line]) from None
    except Exception as error:
        raise _describe(error) from None
    function = getattr(module, name, None)
    if function is None:
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module_name))
    if not callable(function):
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' of module '%s' cannot be called" % (name, module_name))
    return function


def _prepare(function):
    """Makes the process look to the function's code as Lambda's does."""
    os.environ.clear()
    os.environ.update(function["environment"])
    time.tzset()
    sys.path.insert(0, "/var/task")
    # The function's own PYTHONPATH comes second: isolated mode did not read it.
    for entry in reversed(function["environment"].get("PYTHONPATH", "").split(os.pathsep)):
        if entry and entry not in sys.path:
            sys.path.insert(1, entry)
    sys.argv = ["/var/task"]
    os.chdir("/var/task")


def _call(handler, event_bytes, context):
    """The response of one call, as bytes. Raises Failure."""
    try:
        event = json.loads(event_bytes)
    except Exception as error:
        raise Failure("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % _describe(error).message) from None
    try:
        result = handler(event, context)
    except Exception as error:
        raise _describe(error) from None
    try:
        return json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except Exception as error:
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % _describe(error).message) from None


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def _client(data):
    if not data:
        return None
    try:
        return Client(json.loads(data))
    except Exception:
        return None


def _invoke(channel, function, handler, payload):
    number, id_size, trace_size, client_size = INVOKE.unpack_from(payload)
    start = INVOKE.size
    middle = start + id_size
    end = middle + trace_size
    invocation_id = payload[start:middle].decode("utf-8", "replace")
    if trace_size:
        os.environ["_X_AMZN_TRACE_ID"] = payload[middle:end].decode("utf-8", "replace")
    InvocationFilter.invocation_id = invocation_id
    deadline = time.monotonic() + function["timeoutSeconds"]
    context = Context(function, invocation_id, _client(payload[end:end + client_size]), deadline)
    try:
        response = _call(handler, payload[end + client_size:], context)
    except Failure as failure:
        failure.log()
        _flush()
        channel.send(FUNCTION_ERROR, failure.payload(number))
        return
    _flush()
    if len(response) > function["responseLimitBytes"]:
        channel.send(RESPONSE_TOO_LARGE, TOO_LARGE.pack(number, len(response)))
    else:
        channel.send(RESPONSE, NUMBER.pack(number) + response)


def run_sandbox():
    """The life of one sandbox: configure once, then one invocation after the other."""
    channel = Channel(CHANNEL)
    channel.send(ISOLATED, b"")
    kind, payload = channel.receive()
    if kind != CONFIGURE:
        os._exit(1)
    function = json.loads(payload)
    try:
        _prepare(function)
        handler = _load(function["handler"])
    except Failure as failure:
        failure.log()
        _flush()
        channel.send(INIT_FAILED, failure.payload(0))
        os._exit(1)
    _flush()
    channel.send(READY, b"")
    del payload
    while True:
        kind, payload = channel.receive()
        if kind != RUN:
            os._exit(1)
        _invoke(channel, function, handler, payload)
        payload = None


# ---- the zygote ----


def _prepare_streams():
    """Text written to descriptors 1 and 2 goes out line by line, so that the order between the two is kept."""
    for name in ("stdout", "stderr"):
        descriptor = 1 if name == "stdout" else 2
        raw = io.FileIO(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(io.BufferedWriter(raw, 1 << 13), encoding="utf-8", errors="backslashreplace",
                                  line_buffering=True)
        stream.mode = "w"
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)


def _prepare_logging():
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(InvocationFilter())
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)


def main():
    library_path, control = sys.argv[1], int(sys.argv[2])
    sys.dont_write_bytecode = True
    site.setquit()
    site.setcopyright()
    _prepare_streams()
    _prepare_logging()
    # Imports are done and text encodings are loaded once here instead of in every sandbox.
    json.dumps(json.loads('{"warm": [1.5, "\\u00e9", null]}'))
    try:
        raise ValueError("warm")
    except ValueError as error:
        _describe(error)
    linecache.clearcache()
    library = ctypes.PyDLL(library_path)
    gc.collect()
    gc.freeze()
    if library.csandbox_serve(control) == 0:
        run_sandbox()
    os._exit(0)


main()
