package dev.tollgate.accounting.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {
    private static final long LONGEST_SECONDS = 120;

    @TempDir
    Path data;

    /** A cluster of which the outbox's thread, as often as it looks, has no memory left to see anybody. */
    private static Peers without(Peers peers, CountDownLatch looked) {
        return (Peers) Proxy.newProxyInstance(
                Peers.class.getClassLoader(), new Class<?>[] {Peers.class}, (_, method, args) -> {
                    if (Thread.currentThread().getName().equals("tollgate-outbox")) {
                        looked.countDown();
                        throw new OutOfMemoryError("as with a full heap");
                    }
                    return method.invoke(peers, args);
                });
    }

    @Test
    void itEndsInOrderWhateverBefallsItsThread() throws Exception {
        CountDownLatch looked = new CountDownLatch(1);
        Outbox outbox = new Outbox(data, without(new Mesh().join("a"), looked), new SimpleMeterRegistry());
        assertThat(looked.await(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        outbox.close().await(LONGEST_SECONDS, TimeUnit.SECONDS);
    }
}
