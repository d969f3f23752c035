package dev.tollgate.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends load to one peer and counts what comes back. */
final class Load {
    /**
     * What came of it.
     *
     * @param answers complete answers with status 200
     * @param chunks events of streams
     * @param failures everything else
     * @param latencies microseconds, sorted; empty where it makes no sense
     */
    record Result(long answers, long chunks, long failures, long[] latencies) {
        /** Latency that this share of answers kept below, in milliseconds. */
        double percentile(double share) {
            return latencies.length == 0
                    ? Double.NaN
                    : latencies[(int) Math.min(latencies.length - 1, Math.round(share * latencies.length))] / 1000.0;
        }
    }

    private static final int MOST_LATENCIES = 1_000_000;

    private final Vertx vertx;
    private final HttpClient client;
    private final RequestOptions target;
    private final Buffer body;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong chunks = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final long[] latencies = new long[MOST_LATENCIES];
    private long end;

    Load(Vertx vertx, String url, String key, Buffer body) {
        this.vertx = vertx;
        this.client = vertx.createHttpClient(
                new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(1000).setMaxWaitQueueSize(100_000));
        this.target = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(url)
                .putHeader("content-type", "application/json")
                .putHeader("authorization", "Bearer " + key);
        this.body = body;
    }

    /** A small chat with more members, each followed by a comma. */
    static Buffer chat(String members) {
        return Buffer.buffer("{\"model\":\"bench\"," + members + "\"messages\":[{\"role\":\"user\",\"content\":\""
                + "word ".repeat(140) + "\"}]}");
    }

    /** So many callers, each asking at least once and again when it has its answer. */
    Result closed(int callers, Duration time) {
        end = System.nanoTime() + time.toNanos();
        Promise<Void> done = Promise.promise();
        AtomicLong left = new AtomicLong(callers);
        for (int i = 0; i < callers; i++) {
            again(() -> {
                if (left.decrementAndGet() == 0) {
                    done.complete();
                }
            });
        }
        done.future().await();
        return finish();
    }

    private void again(Runnable over) {
        ask(System.nanoTime()).onComplete(_ -> {
            if (System.nanoTime() < end) {
                again(over);
            } else {
                over.run();
            }
        });
    }

    /** A request whenever one is due, whatever the answers do; latency counts from when it was due. */
    Result open(int perSecond, Duration time) {
        long began = System.nanoTime();
        long total = perSecond * time.toSeconds();
        long gap = TimeUnit.SECONDS.toNanos(1) / perSecond;
        Promise<Void> done = Promise.promise();
        AtomicLong sent = new AtomicLong();
        AtomicLong back = new AtomicLong();
        vertx.setPeriodic(1, timer -> {
            long due = Math.min(total, (System.nanoTime() - began) / gap);
            while (sent.get() < due) {
                ask(began + sent.getAndIncrement() * gap).onComplete(_ -> {
                    if (back.incrementAndGet() == total) {
                        done.complete();
                    }
                });
            }
            if (sent.get() == total) {
                vertx.cancelTimer(timer);
            }
        });
        done.future().await();
        return finish();
    }

    private Future<Void> ask(long from) {
        return client.request(target)
                .compose(request -> request.send(body))
                .compose(this::read)
                .onSuccess(_ -> latencies[(int) (answers.getAndIncrement() % MOST_LATENCIES)] =
                        (System.nanoTime() - from) / 1000)
                .onFailure(_ -> failures.incrementAndGet());
    }

    private Future<Void> read(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return response.body().compose(text -> Future.failedFuture(response.statusCode() + " " + text));
        }
        response.handler(bytes -> chunks.addAndGet(events(bytes)));
        return response.end();
    }

    private static int events(Buffer bytes) {
        int found = 0;
        for (int i = 1; i < bytes.length(); i++) {
            if (bytes.getByte(i) == '\n' && bytes.getByte(i - 1) == '\n') {
                found++;
            }
        }
        return found;
    }

    private Result finish() {
        client.close().await();
        long[] taken = Arrays.copyOf(latencies, (int) Math.min(answers.get(), MOST_LATENCIES));
        Arrays.sort(taken);
        return new Result(answers.get(), chunks.get(), failures.get(), taken);
    }
}
