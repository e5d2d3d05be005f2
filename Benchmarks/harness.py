"""What the benchmarks share: their servers and divisors, rounds, ratios, the table."""
import argparse, contextlib, os, pathlib, re, signal, socket, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "script"))
import servers
from servers import free_port, output, say, wait_until

DIVISORS = ROOT / "Benchmarks/divisors"
PROGRAMS = DIVISORS / ".build"
PYTHON = "/usr/bin/python3"
WARM = 2_000
PARTITIONS = 8
NO_OP = "def handler(event, context):\n    return event\n"
KAFKA_POLICY = "Apache Kafka 4.3.1, one broker, acks=all, no fsync per record (page cache), as shipped"
EMBEDDED_POLICY = "embedded broker, acks=all after fdatasync (durability group), but for topics with a flush config of their own"
NO_SYNC = [f"flush.messages={2**63 - 1}", f"flush.ms={2**63 - 1}"]  # as millrace.replies has it; Kafka's own default


def program(name, *words, **options):
    """What one of the divisors' programs printed, as numbers."""
    return [int(word) for word in output(PROGRAMS / name, *words, **options).split()]


def cpu_seconds(pid):
    """User and system time of one process so far, without its children's."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def paused(send, *ids):
    """Work is prepared while those who will do it stand still; the time runs from the end of the block."""
    for identifier in ids:
        send(identifier, signal.SIGSTOP)
    try:
        yield
    finally:
        for identifier in ids:
            send(identifier, signal.SIGCONT)


class Stage:
    """The directory of a run and all it has started; leaving it stops everything."""

    def __init__(self, arguments):
        self.arguments, self.running, self.policies = arguments, [], []
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.directory = servers.make_directory("millrace-benchmark-")
        self.stack.callback(servers.leave_directory, self.directory, self.arguments.keep)
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def start(self, name, *words, **options):
        """A process that is stopped with its whole group at the end; its output goes to `name`.log."""
        process = servers.start(self.directory / f"{name}.log", *words, **options)
        self.running.append(process)
        self.stack.callback(self.end, process)
        return process

    def end(self, process, patience_seconds=30):
        """Once."""
        if process in self.running:
            self.running.remove(process)
            servers.end(process, patience_seconds)


class Log:
    """What is done to a log besides what is measured; `bootstrap` says where it is."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap

    def create(self, topic, partitions, *configs):
        program("log-tool", self.bootstrap, "create", topic, partitions, *configs)

    def append_tasks(self, topic, count, function):
        program("log-tool", self.bootstrap, "tasks", topic, PARTITIONS, count, "{}", function)

    def ends(self, topic):
        return program("log-tool", self.bootstrap, "ends", topic, PARTITIONS)[0]


class Kafka(servers.Kafka, Log):
    """One broker: it does not wait for the disk."""

    def __init__(self, stage):
        stage.policies.append(KAFKA_POLICY)
        super().__init__(stage.arguments.kafka_tool, stage.directory / "kafka")
        stage.stack.callback(self.stop)

    @property
    def pid(self):
        return int((self.directory / "node-1/pid").read_text())

    def kill(self):
        self.run("kill", self.directory)

    def launch(self):
        """Starts it again, and does not wait for it."""
        return servers.start(self.directory / "resume.log", self.tool, "resume", self.directory)


class Broker(servers.Broker, Log):
    """`millrace broker`, ready, until the stage is left."""

    def __init__(self, stage):
        stage.policies.append(EMBEDDED_POLICY)
        super().__init__(stage.arguments.binary, stage.directory)
        stage.stack.callback(self.stop)
        self.start()
        self.await_ready()

    @property
    def pid(self):
        return self.process.pid

    def launch(self):
        """Starts it again, and does not wait for it."""
        self.start()
        return self.process


class Platform(servers.Platform):
    """`millrace up`, ready, until the stage is left."""

    def __init__(self, stage, kafka):
        super().__init__(stage.arguments.binary, stage.directory, kafka)
        stage.stack.callback(self.stop)
        self.start()
        self.await_ready()

    def deploy(self, name):
        super().deploy(name, NO_OP)

    def invoke(self, name):
        status, answer = self.request("POST", f"/v1/functions/{name}/invocations", "{}")
        if status != 200:
            raise RuntimeError(f"invoke {name}: {status} {answer[:500]}")


def log_and_platform(stage):
    """The log that `--log` names, and the platform on it, or None with `--divisors-only`. On the embedded broker both sides of a
    ratio use the platform's own."""
    if stage.arguments.log == "kafka":
        kafka = Kafka(stage)
        return kafka, None if stage.arguments.divisors_only else Platform(stage, kafka)
    if stage.arguments.divisors_only:
        return Broker(stage), None
    stage.policies.append(EMBEDDED_POLICY)
    platform = Platform(stage, None)
    return Log(platform.bootstrap), platform


class Nginx:
    """`return 200`, one worker: what one round of HTTP costs."""

    def __init__(self, stage):
        self.port, directory = free_port(), stage.directory / "nginx"
        directory.mkdir()
        (directory / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {directory}/pid; error_log {directory}/error.log; events {{}}\n"
            f"http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {directory};\n"
            f"  server {{ listen 127.0.0.1:{self.port}; location / {{ return 200 '{{}}'; }} }} }}\n")
        stage.start("nginx", "nginx", "-p", directory, "-c", directory / "nginx.conf", "-e", directory / "error.log")
        await_port(self.port)


class Celery:
    """Redis from Debian, Celery from PyPI in an environment of its own; a worker has one process and does not spend the
    second that a look for its neighbours takes."""

    def __init__(self, stage):
        self.stage, self.port = stage, free_port()
        stage.policies.append("Redis without persistence")
        stage.start("redis", "redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", stage.directory, "--save", "")
        await_port(self.port)
        environment = PROGRAMS / "celery"
        self.python = environment / "bin/python"
        if not (environment / "bin/celery").exists():
            say("installing Celery from PyPI")
            output(PYTHON, "-m", "venv", environment)
            output(self.python, "-m", "pip", "install", "-q", "-r", DIVISORS / "requirements.txt")
        self.environment = dict(os.environ, CELERY_REDIS=f"redis://127.0.0.1:{self.port}/0")

    def worker(self, queue="celery", name="worker"):
        return self.stage.start(
            name, self.python, "-m", "celery", "-A", "celery_tasks", "worker", "--concurrency", 1, "--without-mingle",
            "--without-gossip", "--queues", queue, "--hostname", f"{queue}@localhost", cwd=DIVISORS, env=self.environment)

    def client(self, *words):
        return [int(word) for word in output(
            self.python, DIVISORS / "celery_tasks.py", *words, env=self.environment).split()]

    def start_seconds(self, count):
        """From starting as many workers, each with a queue of its own and a task waiting there, to the last result."""
        queues = [f"queue{number}" for number in range(count)]
        words = [self.python, DIVISORS / "celery_tasks.py", "await", *queues]
        with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, env=self.environment) as client:
            client.stdout.readline()
            start = time.monotonic()
            workers = [self.worker(queue, "starting") for queue in queues]
            if client.wait(180) != 0:
                raise RuntimeError(f"Celery's client ended with {client.returncode}")
            seconds = time.monotonic() - start
        for worker in workers:
            self.stage.end(worker, patience_seconds=0)
        return seconds

    def result_count(self):
        """Keys in Redis: every result is one."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"EVAL \"return #redis.call('KEYS','celery-task-meta-*')\" 0\r\n")
            return int(connection.recv(64)[1:])

    def flush(self):
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(64)


def await_port(port):
    def listens():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
    wait_until(listens, 30, f"port {port}")


def percentile(samples, fraction):
    if fraction > 0.9 and len(samples) < 5_000:
        raise ValueError("a p99 needs 5,000 samples")
    return sorted(samples)[int(len(samples) * fraction)]


class Rounds:
    """Figures by name, one for each round; ratios are taken within a round."""

    def __init__(self):
        self.figures = {}

    def add(self, name, figure):
        self.figures.setdefault(name, []).append(figure)
        say(f"{name}: {figure:,.3f}")

    def ratios(self, name, *divisors):
        divided = zip(self.figures.get(name, []), *(self.figures.get(divisor, []) for divisor in divisors))
        return [figure / sum(rest) for figure, *rest in divided]

    def print_figures(self, unit):
        print(f"\n| figure ({unit}) | median | lowest | highest | rounds |\n|---|---|---|---|---|")
        for name, values in self.figures.items():
            print(f"| {name} | {statistics.median(values):,.3f} | {min(values):,.3f} | {max(values):,.3f} | {len(values)} |")

    def print_goals(self, goals, bounds=()):
        """A goal: what is compared, its figure, its divisors, `≤` or `≥`, and the bound. A bound has a unit in place of divisors."""
        print("\n| goal | median | spread | bound | |\n|---|---|---|---|---|")
        for title, name, divisors, relation, bound in goals:
            print_goal(title, self.ratios(name, *divisors), "×", relation, bound)
        for title, name, unit, relation, bound in bounds:
            print_goal(title, self.figures.get(name, []), f" {unit}", relation, bound)


def print_goal(title, values, unit, relation, bound):
    if not values:
        print(f"| {title} | – | – | {relation} {bound}{unit} | not measured |")
        return
    median = statistics.median(values)
    met = median <= bound if relation == "≤" else median >= bound
    print(f"| {title} | {median:,.2f}{unit} | {min(values):,.2f}–{max(values):,.2f} | {relation} {bound}{unit} | "
          f"{'met' if met else 'NOT met'} |")


def print_machine(stage):
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / 2**20
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    processor = f"{os.cpu_count()} × {model[1] if model else os.uname().machine}"
    print(f"\nMachine: {processor}, {memory:.0f} GiB, Linux {os.uname().release}, "
          f"load {load} at the end; {time.strftime('%Y-%m-%d')}.")
    for policy in stage.policies:
        print(f"Durability: {policy}.")


LOGS = (["kafka", "embedded"], "the log below both sides of a ratio (default: kafka)")


def arguments_of(description, **more):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    servers.add_arguments(parser)
    parser.add_argument("--without-celery", action="store_true", help="leave that divisor out")
    parser.add_argument("--divisors-only", action="store_true", help="measure no Millrace, to try the divisors")
    for name, (default, text) in more.items():
        choices = default if isinstance(default, list) else None
        first = default[0] if choices else default
        kind = dict(action="store_true") if first is False else dict(type=type(first), default=first, choices=choices)
        parser.add_argument(f"--{name}", help=text, **kind)
    arguments = parser.parse_args()
    servers.require(arguments.kafka_tool, *[] if arguments.divisors_only else [arguments.binary])
    output("make", "-s", "-C", DIVISORS)
    return arguments


def run(measure, arguments):
    """Runs the benchmark; SIGTERM stops what it has started as an interrupt does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Stage(arguments) as stage:
        measure(stage)
