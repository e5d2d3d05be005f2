"""The no-op task of the Celery divisor, and its client.

    celery_tasks.py latency WARM COUNT       prints the nanoseconds of each of COUNT calls after WARM
    celery_tasks.py send COUNT               sends COUNT tasks and waits for no result
    celery_tasks.py await QUEUE...           sends one task to each queue, says so, and ends when the last result is there
"""
import os, sys, time
import celery

app = celery.Celery(broker=os.environ["CELERY_REDIS"], backend=os.environ["CELERY_REDIS"])


@app.task(name="echo")
def echo(event):
    return event


def main(verb, *words):
    if verb == "latency":
        warm, count = map(int, words)
        samples = []
        for _ in range(warm + count):
            start = time.perf_counter_ns()
            echo.delay({}).get(timeout=60)
            samples.append(time.perf_counter_ns() - start)
        print("\n".join(map(str, samples[warm:])))
    elif verb == "send":
        for _ in range(int(words[0])):
            echo.delay({})
    elif verb == "await":
        results = [echo.apply_async(({},), queue=queue) for queue in words]
        print("sent", flush=True)
        for result in results:
            result.get(timeout=170)


if __name__ == "__main__":
    main(*sys.argv[1:])
