"""The real servers of the commands that test and measure Millrace: an Apache Kafka, `millrace up`, its database."""
import contextlib, http.client, json, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def say(*words):
    print(f"[{time.strftime('%H:%M:%S')}]", *words, file=sys.stderr, flush=True)


def free_port(count=1):
    """Below the ephemeral range, with the ones behind it and those 100 above free too: brokers' controllers listen there."""
    while True:
        port = 20_000 + int.from_bytes(os.urandom(2), "big") % 10_000
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for candidate in [*range(port, port + count), *range(port + 100, port + 100 + count)]:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", candidate))
            return port


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def output(*words, **options):
    """What a program printed; its failure is ours."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}")
    return done.stdout


def wait_until(condition, seconds, what, pause=0.05, growth=0.0):
    """Asks again after `pause` seconds, or after that share of the time waited so far: many who wait ask less often."""
    start = time.monotonic()
    while not condition():
        waited = time.monotonic() - start
        if waited > seconds:
            raise RuntimeError(f"{what}: not after {seconds} s")
        time.sleep(max(pause, waited * growth))


def query(url, statement):
    """What psql prints: a line for each row, `|` between the columns."""
    return output(
        "psql", url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, timeout=120).strip()


def make_directory(prefix):
    directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o755)  # the private PostgreSQL runs as an unprivileged user
    return directory


def leave_directory(directory, keep):
    if keep:
        say("kept:", directory)
    else:
        shutil.rmtree(directory, ignore_errors=True)


def end(process, patience_seconds=30):
    """SIGTERM, and after that many seconds SIGKILL to what is left of the group that it leads."""
    if process.poll() is None and patience_seconds > 0:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(log_path, *words, **options):
    """A process that leads a group of its own; its output goes to the end of the file."""
    with open(log_path, "ab") as log:
        return subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)


def is_running(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


class Kafka:
    """Apache Kafka as it is shipped, one broker or three."""

    def __init__(self, tool, directory, brokers=1):
        self.tool, self.directory, self.brokers, port = tool, directory, brokers, free_port(brokers)
        self.bootstrap = ",".join(f"127.0.0.1:{port + number}" for number in range(brokers))
        self.run("start", directory, "--port", port, "--brokers", brokers)

    def run(self, *arguments):
        words = [str(word) for word in (self.tool, *arguments)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=120)

    def stop(self):
        self.run("kill", self.directory)


class Broker:
    """`millrace broker`, the embedded broker by itself. Its output is in `broker.log` beside its data."""

    def __init__(self, binary, directory, *options):
        self.binary, self.directory, self.options = binary, directory, options
        self.data, self.log, self.port = directory / "data", directory / "broker.log", free_port()
        self.bootstrap, self.process = f"127.0.0.1:{self.port}", None

    def start(self, **environment):
        self.process = start(
            self.log, self.binary, "broker", "--data", self.data, "--listen", self.bootstrap, *self.options,
            env=dict(os.environ, **environment))

    def await_ready(self, seconds=60):
        wait_until(lambda: listens(self.port), seconds, "millrace broker", pause=0.002)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process:
            end(self.process)


class Platform:
    """`millrace up` and its REST interface, on a Kafka or (None) on the embedded broker. Its output is in `up.log` beside its
    data."""

    def __init__(self, binary, directory, kafka=None):
        self.binary, self.data, self.kafka, self.port = binary, directory / "data", kafka, free_port()
        self.broker_port = None if kafka else free_port()
        self.log = directory / "up.log"
        self.environment = dict(os.environ, MILLRACE_CONTEXT=str(directory / "context.json"))
        self.command, self.process = [binary, "up"], None

    def start(self):
        self.process = start(
            self.log, *self.command, "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
            *(["--kafka", self.kafka.bootstrap] if self.kafka else ["--broker-listen", self.bootstrap]),
            env=self.environment)

    @property
    def bootstrap(self):
        return self.kafka.bootstrap if self.kafka else f"127.0.0.1:{self.broker_port}"

    def stop(self):
        if self.process:
            end(self.process)

    def await_ready(self, seconds=60):
        try:
            wait_until(self.is_ready, seconds, "millrace up")
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.log.read_text(errors='replace')[-2_000:]}") from None

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"millrace up ended with {self.process.returncode}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/readyz", token="")[0] == 200

    def kill_role(self, role):
        """Whether it was there."""
        victim = self.roles().get(role)
        if victim:
            os.kill(victim, signal.SIGKILL)
        return victim is not None

    def kill_postgres(self):
        for pid in self.postgres_ids():
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def postgres_ids(self):
        """The private database, where it runs."""
        return [int(path.read_text().split()[0]) for path in self.data.glob("postgres*/postmaster.pid")]

    def kill_everything(self):
        """And waits until it is gone."""
        victims = [*self.roles().values(), *self.postgres_ids()]
        self.process.kill()
        self.process.wait()
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):  # some end with `up`
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_running, victims)), 30, "the end of what was killed", pause=0.001)

    @property
    def token(self):
        return (self.data / "admin.token").read_text().strip()

    @property
    def postgres(self):
        return (self.data / "postgres.url").read_text().strip()

    def request(self, method, path, body=None, content_type="application/json", token=None):
        """Status and body, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Authorization": f"Bearer {self.token if token is None else token}", "Content-Type": content_type}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def deploy(self, name, code):
        """From the REST call until the version is active."""
        config = json.dumps({"handler": "app.handler", "runtime": "python3.11"})
        parts = [('name="config"', "application/json", config), ('name="code"; filename="app.py"', "text/x-python", code)]
        body = "".join(
            f"--boundary\r\nContent-Disposition: form-data; {field}\r\nContent-Type: {kind}\r\n\r\n{value}\r\n"
            for field, kind, value in parts) + "--boundary--\r\n"
        status, answer = self.request("PUT", f"/v1/functions/{name}", body, "multipart/form-data; boundary=boundary")
        if status != 202:
            raise RuntimeError(f"deploy {name}: {status} {answer[:500]}")
        identifier = json.loads(answer)["id"]
        wait_until(lambda: self.is_active(identifier), 60, f"deploy {name}", pause=0.003, growth=0.05)

    def is_active(self, deployment):
        status, answer = self.request("GET", f"/v1/deployments/{deployment}")
        state = json.loads(answer).get("state")
        if status != 200 or state == "failed":
            raise RuntimeError(f"deployment {deployment}: {status} {answer[:500]}")
        return state == "active"

    def roles(self):
        """The process ids of the roles below `up`, by name; the embedded broker is `broker`."""
        found = {}
        for pid in pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            with contextlib.suppress(OSError):  # it may have ended since
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if "--roles" in words:
                    found[words[words.index("--roles") + 1]] = int(pid)
                elif words[1:2] == ["broker"]:
                    found["broker"] = int(pid)
        return found


def add_arguments(parser):
    """What every such command takes."""
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / ".build/release/millrace")
    parser.add_argument("--kafka-tool", type=pathlib.Path, default=os.environ.get(
        "MILLRACE_APACHE_KAFKA", ROOT.parent / "shared/apache-kafka/kafka"))
    parser.add_argument("--keep", action="store_true", help="leave the directory with the logs")


def require(*paths):
    for path in paths:
        if not path.exists():
            sys.exit(f"{path} is not there (build with: swift build -c release --static-swift-stdlib)")
